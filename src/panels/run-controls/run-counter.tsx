/** Where the run is: state, step, time left. The only part of the strip that changes with each frame. */
import type { ReactNode } from 'react';
import { useStudio } from '../../state/store.ts';
import { formatDuration } from '../../ui/format.ts';
import { testIds } from '../../ui/test-ids.ts';
import css from './run-controls.module.css';

export function RunCounter(): ReactNode {
  const run = useStudio((state) => state.run);
  const planned = useStudio((state) => state.options.steps);
  const { state, step, progress, etaMs, stepMs } = run;
  const steps = state === 'idle' ? planned : run.steps;
  const preparing = state === 'preparing';
  const part = preparing
    ? progress
      ? progress.done / Math.max(1, progress.total)
      : 0
    : steps > 0
      ? step / steps
      : 0;
  const eta = preparing
    ? (progress?.etaMs ?? null)
    : state === 'running' || state === 'paused'
      ? etaMs
      : null;
  const right = preparing
    ? progress?.stage
    : eta !== null
      ? `${formatDuration(eta)} left`
      : stepMs !== null
        ? `${formatDuration(stepMs)}/step`
        : '';
  return (
    <div className={css.counter}>
      <div className={css.figures}>
        <span className={css.step} data-testid={testIds.stepCounter}>
          {step} / {steps}
        </span>
        <span className={css.state} data-state={state} data-testid={testIds.runState}>
          {state}
        </span>
        <span className={css.eta} title={right}>
          {right}
        </span>
      </div>
      <div
        className={css.bar}
        role="progressbar"
        aria-label={preparing ? 'Preparing' : 'Run'}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(100 * part)}
      >
        <div className={css.fill} style={{ width: `${100 * part}%` }} />
      </div>
    </div>
  );
}
