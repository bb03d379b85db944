/**
 * Finds the layers in which the reasoning model does not differ from its base, which only the weights
 * themselves can show.
 */
import type { Finding } from '../../../core/family/pairing.ts';
import type { SlotInfo } from '../../../protocol/session.ts';
import type { FactorFacts } from '../../merge/factors.ts';

/** A layer is unchanged when its largest singular value is 0, that is when τ = 0. */
export function unchangedLayers(factors: readonly FactorFacts[], slots: readonly SlotInfo[]): Finding[] {
  const tensors = factors.flatMap(({ s }, index) => (s[0] === 0 ? [slots[index]?.tensors.lrm ?? ''] : []));
  if (tensors.length === 0) return [];
  if (tensors.length < slots.length) {
    return [
      {
        code: 'layers-unchanged',
        severity: 'info',
        tensors,
        message: `${tensors.length} of ${slots.length} linear layers are the same in the reasoning model and its base.`,
        remedy: 'Nothing is injected there; their gates have no effect.',
      },
    ];
  }
  return [
    {
      code: 'task-vector-zero',
      severity: 'error',
      tensors,
      message:
        'The reasoning model and the base hold the same weights in every linear layer: their difference is zero.',
      remedy:
        'No gate has any effect, and the export will be the VLM. Choose the fine-tuned reasoning model, not its base, as LRM.',
    },
  ];
}
