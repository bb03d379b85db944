/** Whether leaving the page would lose what a person or a run has made. */
import { gatesInForce, sameGates } from './gates-in-force.ts';
import { isRunActive } from './run-state.ts';
import type { StudioState } from './types.ts';

/**
 * True for gates that are in no file yet, and while a run or an export goes on. Gates that were put back to
 * what the session began with, or to what was saved last, are no work.
 */
export function unsavedWork(state: StudioState): boolean {
  const { session, savedGates, run, exporting } = state;
  if (session === null) return false;
  if (isRunActive(run) || exporting.status === 'exporting') return true;
  return savedGates !== null && !sameGates(gatesInForce(state), savedGates);
}
