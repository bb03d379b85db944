/** Whether there is anything on the page that a person would miss after a reload. */
import { isDemo } from '../demo-source.ts';
import type { StudioState } from '../types.ts';

/** The demo as it opens is no session yet: every visit begins with it. */
export function isWorthKeeping(state: StudioState): boolean {
  const { session, source, undoStack, redoStack, snapshots, measurements, run, options, calibration } = state;
  if (!session) return false;
  return (
    (source !== null && !isDemo(source)) ||
    undoStack.length + redoStack.length + snapshots.length + measurements.length > 0 ||
    run.number > 0 ||
    options !== session.defaults ||
    session.layout.budget !== null ||
    calibration.own !== null ||
    state.tryIt.asked !== null ||
    isBrought(state) ||
    state.recipe.applied !== null
  );
}

/** An image or a question that the trio does not bring. */
function isBrought({ session, tryIt: { image, question } }: StudioState): boolean {
  if (!session?.forward.available) return false;
  const { examples, prompts } = session.forward;
  return (
    (image !== null && !examples.some((example) => example.image === image)) ||
    (question !== '' && !prompts.some(({ prompt }) => prompt === question))
  );
}
