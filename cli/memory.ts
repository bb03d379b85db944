/**
 * What opening and a run will hold, said before either: from headers, and more exactly once models are open.
 */
import { nodeHost } from '../workers/backend/host.node.ts';
import { nodeCapacity } from '../workers/backend/capacity.ts';
import { StudioError } from '../core/errors.ts';
import { everything, type LayerSelection } from '../core/family/selection.ts';
import { leastOf } from '../core/memory/estimate.ts';
import type { RunChoice } from '../core/memory/run-choice.ts';
import type { DeviceCapacity, MemoryFacts } from '../core/memory/facts.ts';
import { memoryOutlook, type MemoryOutlook, type SlotPlace } from '../core/memory/verdict.ts';
import { formatBytes } from './table.ts';

export const usualChoice: RunChoice = { budget: null, batchSize: 8, trace: false, composed: false };

export function outlook(
  facts: MemoryFacts,
  slots: readonly SlotPlace[],
  {
    selection = everything,
    choice = usualChoice,
    device = nodeCapacity(nodeHost().memory),
  }: { readonly selection?: LayerSelection; readonly choice?: RunChoice; readonly device?: DeviceCapacity },
): MemoryOutlook {
  return memoryOutlook(facts, device, slots, choice, selection);
}

/** For --json. */
export function memoryJson({ openingBytes, run, verdict }: MemoryOutlook): unknown {
  return {
    openingBytes,
    run: run && {
      bytes: run.peak.bytes,
      pageBytes: run.pageBytes,
      peak: run.peak.name,
      phases: run.phases.map(({ name, bytes, parts }) => ({ name, bytes, parts })),
    },
    verdict,
  };
}

export function memoryText({ openingBytes, verdict: { message, remedy } }: MemoryOutlook): string {
  return `Memory: opening takes up to ${formatBytes(openingBytes)}. ${message}${remedy && ` ${remedy}`}`;
}

/** Throws `memory` when it surely does not fit. */
export function refuseTooLarge({ verdict: { code, message, remedy } }: MemoryOutlook): void {
  if (code === 'does-not-fit' || code === 'cannot-be-decomposed')
    throw new StudioError('memory', `${message} ${remedy}`, { details: { verdict: code } });
}

/** The same of headers, where images and texts are only assumed: by weights and factors alone. */
export function refuseHopeless(
  found: MemoryOutlook,
  { totalBytes }: DeviceCapacity = nodeCapacity(nodeHost().memory),
): void {
  const { run, verdict } = found;
  if (verdict.code === 'cannot-be-decomposed' || (run && totalBytes !== null && leastOf(run) > totalBytes))
    refuseTooLarge({ ...found, verdict: { ...verdict, code: 'does-not-fit' } });
}
