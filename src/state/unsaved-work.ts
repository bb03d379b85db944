/** Whether leaving the page would lose what a person or a run has made. */
import { gatesInForce, sameGates } from './gates-in-force.ts';
import { isRunActive } from './run-state.ts';
import type { StudioState } from './types.ts';

/**
 * True while an export goes on. Where the browser does not keep the session, true as well for gates that are in no
 * file yet, and while a run goes on. Gates that were put back to what the session began with, or to what was saved
 * last, are no work.
 */
export function unsavedWork(state: StudioState): boolean {
  const { session, savedGates, run, exporting, keeping } = state;
  if (session === null) return false;
  if (exporting.status === 'exporting') return true;
  if (keeping.status !== 'off' && keeping.status !== 'failed') return false;
  if (isRunActive(run)) return true;
  return savedGates !== null && !sameGates(gatesInForce(state), savedGates);
}
