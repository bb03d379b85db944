/**
 * What every slice is given: the store's two ends, the engine, and the two ways of saying that something went
 * wrong.
 */
import { toStudioError } from '../../core/errors.ts';
import type { EngineApi, JobId } from '../../protocol/engine.ts';
import type { PlainError } from '../../protocol/events.ts';
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

export function plainError(thrown: unknown): PlainError {
  const { code, message, retryable, details } = toStudioError(thrown);
  return { code, message, retryable, details };
}

/**
 * Runs a call whose failure has no place of its own on the screen: the sentence goes to the log and a toast.
 */
export async function orReport(context: SliceContext, call: Promise<void>): Promise<void> {
  try {
    await call;
  } catch (thrown) {
    const error = plainError(thrown);
    if (error.code !== 'cancelled') context.get().notify('error', error.message);
  }
}
