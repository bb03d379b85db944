/**
 * What every slice is given: the store's two ends, the engine, and the two ways of saying that something went
 * wrong.
 */
import { toPlainError } from '../../protocol/wire.ts';
import type { EngineApi, JobId } from '../../protocol/engine.ts';
import type { StudioState, StudioStore } from './types.ts';

export interface SliceContext {
  readonly engine: EngineApi;
  readonly set: (part: Partial<StudioState> | ((state: StudioStore) => Partial<StudioState>)) => void;
  readonly get: () => StudioStore;
}

let jobs = 0;

export function newJob(kind: string): JobId {
  jobs += 1;
  return `${kind}-${jobs}`;
}

/** No name that is given from now on is one of these: they come from an earlier page. */
export function passJobs(ids: readonly string[]): void {
  for (const id of ids) {
    const number = Number(/-(\d{1,9})$/.exec(id)?.[1] ?? 0);
    jobs = Math.max(jobs, number);
  }
}

/**
 * Runs a call whose failure has no place of its own on the screen: the sentence goes to the log and a toast.
 */
export async function orReport(context: SliceContext, call: Promise<void>): Promise<void> {
  try {
    await call;
  } catch (thrown) {
    const error = toPlainError(thrown);
    if (error.code !== 'cancelled') context.get().notify('error', error.message);
  }
}
