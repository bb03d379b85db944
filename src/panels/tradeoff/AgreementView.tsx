/** In place of the plot where a trio brings no test sets: what a run measures without labels, and what that does not say. */
import type { ReactNode } from 'react';
import { gatesInForce, sameGates } from '../../state/gatesSlice.ts';
import { isRunActive } from '../../state/runSlice.ts';
import { useStudio } from '../../state/store.ts';
import type { StudioState } from '../../state/types.ts';
import { testIds } from '../../ui/testIds.ts';
import { useThrottled } from '../../ui/useThrottled.ts';
import { agreementOf } from './agreement.ts';
import css from './Tradeoff.module.css';

const readLosses = () => useStudio.getState().run.losses;

/** Whether gates or λ were changed by hand since the run ended. */
function isOlder(state: StudioState): boolean {
  if (isRunActive(state.run)) return false;
  const result = state.snapshots.findLast(({ origin }) => origin === 'result');
  return result !== undefined && (result.lambda !== state.options.lambda || !sameGates(result.gates, gatesInForce(state)));
}

export function AgreementView(): ReactNode {
  const losses = useThrottled(useStudio.subscribe, readLosses);
  const older = useStudio(isOlder);
  const canRun = useStudio((state) => state.session?.forward.available === true && state.session.forward.calibrationItems > 0);
  const found = agreementOf({ losses });
  return (
    <div className={css.agreement}>
      {found ? (
        <>
          <dl className={css.figures}>
            <div className={css.figure} data-stale={older}>
              <dt>{older ? 'Divergence from the VLM, older' : 'Divergence from the VLM'}</dt>
              <dd className={css.value} data-testid={testIds.agreement} data-value={found.divergence} data-stale={older}>
                {found.divergence.toPrecision(3)}
                <small>nats a token, {found.before.toPrecision(3)} at the start</small>
              </dd>
            </div>
            <div className={`${css.figure} ${css.reasoning}`} data-stale={older}>
              <dt>Let in</dt>
              <dd className={css.value}>
                {(100 * found.letIn).toFixed(0)} %<small>of the change’s energy</small>
              </dd>
            </div>
          </dl>
          <p>
            KL of the merged model’s answers from the VLM’s on the calibration images, {found.over > 1 ? `mean of the last ${found.over} steps shown, ` : ''}at step {found.step}. 0 is the VLM itself. {older && 'Gates or λ were changed since.'}
          </p>
        </>
      ) : (
        <p>{canRun ? 'Nothing is measured yet. A run shows here how far the merged model is from the VLM.' : 'Choose calibration images to run: these models bring none.'}</p>
      )}
      <p className={css.dim}>
        These models come without test sets, so perception and reasoning cannot be scored here, and the divergence says nothing about whether the merge reasons better: ask it below, or measure the export on a benchmark.
      </p>
    </div>
  );
}
