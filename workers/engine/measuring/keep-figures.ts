/** Gives the figures of a session out, and takes those of an earlier session of the same models. */
import { StudioError } from '../../../core/errors.ts';
import { readKeptFigures, type KeptFigures } from '../../../core/recipe/kept-figures.ts';
import type { OpenSession } from '../opening/open-session.ts';
import { weightsOf } from '../running/run-origin.ts';

/** Null where nothing was measured and no run was made: the models are not read for that. */
export async function figuresOf(session: OpenSession, signal: AbortSignal): Promise<KeptFigures | null> {
  const kept = session.figures.kept();
  const { steps } = session.training;
  if (kept.scores.length === 0 && kept.runs.length === 0 && steps === 0) return null;
  return { ...(await weightsOf(session, signal)), steps, ...kept };
}

/** Throws `bad-file` for what are no figures, and `mismatch` for those of other models; nothing has changed then. */
export async function restoreFigures(
  session: OpenSession,
  given: KeptFigures,
  signal: AbortSignal,
): Promise<void> {
  const kept = readKeptFigures(given);
  const { factors, vlm } = await weightsOf(session, signal);
  if (kept.vlm !== vlm || kept.factors !== factors)
    throw new StudioError(
      'mismatch',
      'The figures were measured with other weights than those that are open, or with layers that were decomposed otherwise, so no recipe can carry them. Open the models that they were measured with, or measure again.',
    );
  session.figures.restore(kept);
  if (session.training.steps === 0) session.training.steps = kept.steps;
}
