/**
 * In place of the plot where a trio brings no test sets: what a run measures without labels, and what that
 * does not say.
 */
import type { ReactNode } from 'react';
import { gatesInForce, sameGates } from '../../state/gates-in-force.ts';
import { isRunActive } from '../../state/run-state.ts';
import { useStudio } from '../../state/store.ts';
import type { StudioState } from '../../state/types.ts';
import { testIds } from '../../ui/test-ids.ts';
import { useThrottled } from '../../ui/use-throttled.ts';
import css from './tradeoff.module.css';

const readRun = () => useStudio.getState().run;
/** A KL of nothing may come out as a rounding below it. */
const nats = (value: number): string => Math.max(0, value).toPrecision(3);

/** Whether gates or λ were changed by hand since the run ended. */
function isOlder(state: StudioState): boolean {
  if (isRunActive(state.run)) return false;
  const result = state.snapshots.findLast(({ origin }) => origin === 'result');
  return (
    result !== undefined &&
    (result.lambda !== state.options.lambda || !sameGates(result.gates, gatesInForce(state)))
  );
}

export function AgreementView(): ReactNode {
  const { divergence, losses, step } = useThrottled(useStudio.subscribe, readRun);
  const older = useStudio(isOlder);
  const canRun = useStudio(
    (state) => state.session?.forward.available === true && state.session.forward.calibrationItems > 0,
  );
  const last = losses.at(-1);
  return (
    <div className={css.agreement}>
      {divergence && last ? (
        <>
          <dl className={css.figures}>
            <div className={css.figure} data-stale={older}>
              <dt>{older ? 'Divergence from the VLM, older' : 'Divergence from the VLM'}</dt>
              <dd
                className={css.value}
                data-testid={testIds.agreement}
                data-value={divergence.recent}
                data-stale={older}
              >
                {nats(divergence.recent)}
                <small>nats a token, {nats(divergence.first)} at the start</small>
              </dd>
            </div>
            <div className={`${css.figure} ${css.reasoning}`} data-stale={older}>
              <dt>Let in</dt>
              <dd className={css.value}>
                {(100 * Math.abs(last.inject)).toFixed(0)} %<small>of the change’s energy</small>
              </dd>
            </div>
          </dl>
          <p>
            L_distill says how far the merged model’s answers are from the VLM’s on the calibration images,{' '}
            {divergence.over > 1 ? `as a mean of the last ${divergence.over} steps, ` : ''}at step {step}. It
            is 0 for the VLM itself. {older && 'Gates or λ were changed since.'}
          </p>
        </>
      ) : (
        <p>
          {canRun
            ? 'Nothing is measured yet. A run shows here how far the merged model is from the VLM.'
            : 'These models bring no calibration images. Choose images of your own to run.'}
        </p>
      )}
      <p className={css.dim}>
        These models come without test sets, so perception and reasoning cannot be scored here. The divergence
        says nothing about whether the merge reasons better. Ask the merged model below, or measure the export
        on a benchmark.
      </p>
    </div>
  );
}
