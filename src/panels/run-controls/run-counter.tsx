/** Where the run is: state, step, time left. The only part of the strip that changes with each frame. */
import type { ReactNode } from 'react';
import type { Progress } from '../../../protocol/events.ts';
import { useStudio } from '../../state/store.ts';
import { formatDuration } from '../../ui/format.ts';
import { testIds } from '../../ui/test-ids.ts';
import { useElapsed } from '../../ui/use-elapsed.ts';
import css from './run-controls.module.css';

/** Less than this is over before it is read. */
const WORTH_SAYING_MS = 1000;

const comings = { pause: 'pausing', stop: 'stopping' } as const;

/** "VLM answers 12/384 · 3 min left", or for how long the stage has been going on while that is not known. */
function preparation(progress: Progress | null, elapsedMs: number): string {
  if (!progress) return elapsedMs < WORTH_SAYING_MS ? '' : formatDuration(elapsedMs);
  const { stage, done, total, unit, etaMs } = progress;
  const amount =
    total === 0
      ? ''
      : unit === 'bytes'
        ? `${Math.floor((100 * done) / Math.max(1, total))} %`
        : `${Math.floor(done)}/${total}`;
  const time =
    etaMs !== null && done > 0 && etaMs >= WORTH_SAYING_MS
      ? `${formatDuration(etaMs)} left`
      : elapsedMs >= WORTH_SAYING_MS
        ? `since ${formatDuration(elapsedMs)}`
        : '';
  return [`${stage} ${amount}`.trim(), time].filter(Boolean).join(' · ');
}

export function RunCounter(): ReactNode {
  const run = useStudio((state) => state.run);
  const planned = useStudio((state) => state.options.steps);
  const { state, step, progress, etaMs, stepMs, coming } = run;
  const elapsedMs = useElapsed(run.stageBeganAt);
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
    ? preparation(progress, elapsedMs ?? 0)
    : coming !== null
      ? ''
      : // The next step waits for something; its event takes this away.
        progress !== null && state === 'running'
        ? progress.stage
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
          {coming === null ? state : preparing ? 'stopping…' : `${comings[coming]} after this step…`}
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
