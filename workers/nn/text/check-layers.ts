import { StudioError } from '../../../core/errors.ts';
import type { Checkpoint } from '../../io/contract.ts';

/**
 * Throws `mismatch` where a layer that config.json counts has no tensor at all: both numbers say more than the name
 * of the first tensor that is missing.
 *
 * @param prefix of the layers' tensors, up to their number
 */
export function checkLayers(checkpoint: Checkpoint, prefix: string, wanted: number): void {
  const held = new Set<number>();
  for (const name of checkpoint.tensors.keys()) {
    const number = name.startsWith(prefix) ? parseInt(name.slice(prefix.length), 10) : NaN;
    if (number < wanted) held.add(number);
  }
  if (held.size >= wanted) return;
  const missing = Array.from({ length: wanted }, (_, i) => i).find((i) => !held.has(i)) ?? 0;
  const { label } = checkpoint;
  throw new StudioError(
    'mismatch',
    `${label} has no tensor of the layer ${prefix}${missing}: its config.json says num_hidden_layers ${wanted}, and its weights hold ${held.size} layer${held.size === 1 ? '' : 's'}. Take config.json and weights from one model, or look whether a shard of the folder is missing.`,
    { details: { file: label, tensor: `${prefix}${missing}`, value: wanted } },
  );
}
