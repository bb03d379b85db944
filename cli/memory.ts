/**
 * Says how much memory opening and a run will take, before either begins: from headers, and more exactly once
 * the models are open.
 */
import { nodeHost } from '../workers/backend/host.node.ts';
import { nodeCapacity } from '../workers/backend/capacity.ts';
import { StudioError } from '../core/errors.ts';
import { everything, type LayerSelection } from '../core/family/selection.ts';
import { leastOf } from '../core/memory/estimate.ts';
import { usualChoice, type RunChoice } from '../core/memory/run-choice.ts';
import type { DeviceCapacity, MemoryFacts } from '../core/memory/facts.ts';
import { forecastMemory, type MemoryForecast, type SlotPlace } from '../core/memory/verdict.ts';
import { formatBytes } from './table.ts';

export function forecast(
  facts: MemoryFacts,
  slots: readonly SlotPlace[],
  {
    selection = everything,
    choice = usualChoice,
    device = nodeCapacity(nodeHost().memory),
  }: { readonly selection?: LayerSelection; readonly choice?: RunChoice; readonly device?: DeviceCapacity },
): MemoryForecast {
  return forecastMemory(facts, device, slots, choice, selection);
}

/** For --json. */
export function memoryJson({ openingBytes, run, verdict }: MemoryForecast): unknown {
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

export function memoryText({ openingBytes, verdict: { message, remedy } }: MemoryForecast): string {
  return `Memory: opening takes up to ${formatBytes(openingBytes)}. ${message}${remedy && ` ${remedy}`}`;
}

/** Throws `memory` when it surely does not fit. */
export function refuseTooLarge({ verdict: { code, message, remedy } }: MemoryForecast): void {
  if (code === 'does-not-fit' || code === 'cannot-be-decomposed')
    throw new StudioError('memory', `${message} ${remedy}`, { details: { verdict: code } });
}

/** The same of headers, where images and texts are only assumed: by weights and factors alone. */
export function refuseHopeless(
  found: MemoryForecast,
  { totalBytes }: DeviceCapacity = nodeCapacity(nodeHost().memory),
): void {
  const { run, verdict } = found;
  if (verdict.code === 'cannot-be-decomposed' || (run && totalBytes !== null && leastOf(run) > totalBytes))
    refuseTooLarge({ ...found, verdict: { ...verdict, code: 'does-not-fit' } });
}
