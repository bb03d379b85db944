/** What a run is told, and the last run as it was seen. A run that had not ended is told to be where it stopped. */
import * as v from 'valibot';
import { makeLosses, type Losses } from '../../../core/objective/terms.ts';
import { readRunCheckpoint } from '../../../core/runs/read-run-checkpoint.ts';
import type { RunCheckpoint } from '../../../core/runs/run-checkpoint.ts';
import type { Divergence } from '../../../protocol/events.ts';
import type { StudioState } from '../types.ts';
import { idleRun } from '../run-slice.ts';
import { part } from './part.ts';
import { list, real, runOptions, whole } from './shapes.ts';

/** As many as a run can have steps. */
const mostSteps = 1e6;

const isLoss = (value: unknown): value is number | null =>
  value === null || (typeof value === 'number' && Number.isFinite(value));

const losses: v.GenericSchema<unknown, Losses & { readonly step: number }> = v.pipe(
  v.record(v.string(), v.custom<number | null>(isLoss, 'A loss is no number.')),
  v.check(
    (given) => Number.isSafeInteger(given['step']) && typeof given['total'] === 'number',
    'A step has no loss.',
  ),
  v.transform((given) => ({
    ...makeLosses(Number(given['total']), (id, { onlyWeighted }) => given[id] ?? (onlyWeighted ? null : 0)),
    step: Number(given['step']),
  })),
);

const divergence: v.GenericSchema<unknown, Divergence> = v.strictObject({
  first: real(),
  recent: real(),
  over: whole(mostSteps),
});

/** A run that has not ended is found stopped. */
function endedState(state: StudioState['run']['state']): 'idle' | 'stopped' | 'finished' | 'failed' {
  return state === 'preparing' || state === 'running' || state === 'paused' ? 'stopped' : state;
}

export const runPart = part({
  shape: v.strictObject({
    options: runOptions,
    number: whole(1e6),
    start: v.nullable(v.picklist(['half-open', 'present'])),
    state: v.picklist(['idle', 'stopped', 'finished', 'failed']),
    step: whole(mostSteps),
    steps: whole(mostSteps),
    stepMs: v.nullable(real(0)),
    losses: list(losses, mostSteps),
    divergence: v.nullable(divergence),
  }),
  keep: ({ options, run }) => ({
    options,
    number: run.number,
    start: run.start,
    state: endedState(run.state),
    step: run.step,
    steps: run.steps,
    stepMs: run.stepMs,
    losses: [...run.losses],
    divergence: run.divergence,
  }),
  restore({ options, ...run }, { context }) {
    context.set({ options, run: { ...idleRun, ...run } });
  },
});

const isCheckpoint = (value: unknown): value is RunCheckpoint => {
  try {
    readRunCheckpoint(value);
    return true;
  } catch {
    return false;
  }
};

/** A run that had not ended, put back last: it stands at the gates that it had. */
export const interruptedPart = part({
  shape: v.strictObject({
    checkpoint: v.nullable(
      v.custom<RunCheckpoint>(isCheckpoint, 'What was kept of the interrupted run is damaged.'),
    ),
  }),
  keep: ({ run: { checkpoint } }) => ({ checkpoint }),
  async restore({ checkpoint }, { context, keeper, goOn }) {
    if (!checkpoint) return;
    if (checkpoint.gates.values.length !== keeper.current().values.length)
      return context
        .get()
        .notify(
          'warning',
          'The interrupted run has another number of gates than the session, so it does not go on.',
        );
    await goOn(checkpoint, keeper.current());
  },
});
