/** What a person should know of an adapter before anything is done with it. */
import { beginningNames, type TakenOut } from '../../../core/family/adapter-initial.ts';
import type { Finding } from '../../../core/family/pairing.ts';
import { linearName } from '../../../core/family/tensor-names.ts';
import type { Change } from './adapter-changes.ts';

export function adapterFindings(
  label: string,
  changes: ReadonlyMap<string, Change>,
  takenOut: TakenOut,
): Finding[] {
  const findings: Finding[] = [];
  if (takenOut !== 'none')
    findings.push({
      code: 'adapter-took-from-base',
      severity: 'info',
      tensors: [...changes.keys()],
      message: `The adapter ${label} began as ${beginningNames[takenOut]}, which takes a part of the base into its factors. That part is computed from the base and taken out again, so each layer has twice the adapter's rank.`,
      remedy: 'Nothing to do. It costs a decomposition of each of these matrices.',
    });
  const beyond = [...changes].filter(([name]) => !linearName(name));
  if (beyond.length > 0) {
    const list = beyond.map(([name, change]) => `${name} (${howChanged(change)})`);
    const shown = list.length > 5 ? [...list.slice(0, 5), `and ${list.length - 5} more`] : list;
    findings.push({
      code: 'adapter-beyond-layers',
      severity: 'info',
      tensors: beyond.map(([name]) => name),
      message: `The adapter ${label} also changes ${shown.join(', ')}.`,
      remedy:
        'They count wherever this model answers by itself: as a teacher, in generate and in logits. A merge takes linear layers of the language model alone, as it does of a whole model.',
    });
  }
  const head = changes.get('lm_head.weight');
  if (head && head.origin.name !== 'lm_head.weight')
    findings.push({
      code: 'adapter-unties-head',
      severity: 'info',
      tensors: ['lm_head.weight', head.origin.name],
      message: `Output head and embedding are one matrix in the base. The adapter ${label} changes one of them, so that they are two in the model that it makes.`,
      remedy: 'Both are kept apart, as peft keeps them while the adapter is not merged.',
    });
  return findings;
}

function howChanged({ factors, rows, origin }: Change): string {
  const how = [
    ...(origin.of === 'adapter' ? ['whole'] : []),
    ...(rows ? [`${rows.indices.length} rows`] : []),
    ...(factors ? [`rank ${factors.rank}`] : []),
  ];
  return how.length > 0 ? how.join(', ') : 'untied';
}
