/**
 * A distillation run as the page sees it: options, state, progress, losses, and what happens when it ends
 * (the result is kept as a snapshot and measured). Gates of each frame go to the gate keeper; nothing here
 * touches them.
 */
import { toPlainError } from '../../protocol/wire.ts';
import { initialField, type GateEdit, type GateField } from '../../core/gates/field.ts';
import type { RunCheckpoint } from '../../core/runs/run-checkpoint.ts';
import type { JobId } from '../../protocol/engine.ts';
import type { RunEvent } from '../../protocol/events.ts';
import { defaultOptions } from '../../core/objective/options.ts';
import { refused } from './actions/action.ts';
import { objected } from './actions/obstacles.ts';
import { canPause, canStart, runActions } from './actions/run-actions.ts';
import { newJob, orReport, type SliceContext } from './context.ts';
import type { GateKeeper } from './gates-slice.ts';
import { cannotGoOn, isOver, createCheckpointing, handsSince } from './run-checkpoints.ts';
import { runBegins, runEnded, runStart } from './run-words.ts';
import type { StudioActions, StudioState } from './types.ts';

type Part = Pick<StudioState, 'options' | 'run'> &
  Pick<
    StudioActions,
    'setOptions' | 'setSecondTeacher' | 'play' | 'pause' | 'step' | 'stop' | 'reset' | 'startAfresh'
  >;

export const idleRun: StudioState['run'] = {
  number: 0,
  start: null,
  state: 'idle',
  step: 0,
  steps: 0,
  etaMs: null,
  stepMs: null,
  progress: null,
  stageBeganAt: null,
  coming: null,
  error: null,
  losses: [],
  divergence: null,
  checkpoint: null,
};

export interface RunHooks {
  /** After each step that was reported. */
  onStep(step: number, steps: number): void;
  /** The run ended by itself or was stopped, its last gates adopted. */
  onEnd(how: 'finished' | 'stopped'): void;
}

export interface RunKeeping {
  readonly part: Part;
  /** Has `run.checkpoint` be of now, as far as the engine answers in time. */
  takeCheckpoint(): Promise<void>;
  /**
   * Goes on with a run that was interrupted, paused at its step. Resolves once the engine has been asked; preparing
   * goes on. `byHand`: gates as they were kept, of which those that a hand has set since are set again.
   */
  goOn(checkpoint: RunCheckpoint, byHand: GateField): Promise<void>;
}

export function createRunSlice(context: SliceContext, keeper: GateKeeper, hooks: RunHooks): RunKeeping {
  const { set, get, engine } = context;
  let job: string | null = null;
  let ending: Promise<void> = Promise.resolve();
  /** Edits by hand that are to follow once an interrupted run stands where it stood. */
  let late: GateEdit | null = null;

  const setRun = (part: Partial<StudioState['run']>): void =>
    set((state) => ({ run: { ...state.run, ...part } }));

  function onEvent(event: RunEvent): void {
    switch (event.type) {
      case 'state':
        setRun({
          state: event.state,
          step: event.step,
          error: event.error ?? null,
          coming: null,
          ...(event.state === 'preparing' ? {} : { progress: null, stageBeganAt: null }),
          ...(cannotGoOn(event) ? { checkpoint: null } : {}),
        });
        if (event.state === 'paused' && late) {
          keeper.edit(late);
          late = null;
        }
        break;
      case 'progress':
        setRun({
          progress: event.progress,
          ...(event.progress.stage === get().run.progress?.stage ? {} : { stageBeganAt: Date.now() }),
        });
        break;
      case 'notice':
        get().notify('info', event.message);
        break;
      case 'step': {
        const { step, steps, stepMs, etaMs, losses, divergence } = event;
        setRun({
          step,
          steps,
          stepMs,
          etaMs,
          progress: null,
          losses: [...get().run.losses, { ...losses, step }],
          divergence,
        });
        keeper.acceptFrame(event.revision, event.gates);
        hooks.onStep(step, steps);
        break;
      }
      default:
        event satisfies never;
    }
  }

  /** `onlySteps`: how many steps to do before the run waits; null for all. */
  function start(onlySteps: number | null): Promise<void> {
    const { session } = get();
    if (session?.forward.available && !job) ending = runToEnd(onlySteps);
    return ending;
  }

  async function runToEnd(onlySteps: number | null): Promise<void> {
    const { options, session } = get();
    if (!session) return;
    const mine = newJob('run');
    job = mine;
    const number = get().run.number + 1;
    const start = runStart(keeper.current(), session.layout, options.gateMax);
    set({
      run: { ...idleRun, number, start, state: 'preparing', steps: options.steps, stageBeganAt: Date.now() },
    });
    if (number > 1 && start === 'present')
      get().notify('info', runBegins({ number, start }, options), 'startAfresh');
    else get().notify('info', runBegins({ number, start }, options));
    await keeper.sender.settled();
    await follow(mine, (hear) =>
      engine.distill(mine, options, hear, ...(onlySteps === null ? [] : [onlySteps])),
    );
  }

  /** From where the engine is asked to where the run has ended, one way or another. */
  async function follow(
    mine: JobId,
    distill: (hear: (event: RunEvent) => void) => Promise<void>,
  ): Promise<void> {
    try {
      await distill((event) => {
        if (job === mine) onEvent(event);
      });
      if (job !== mine) return;
      // Frames are sampled: the last one shown need not be the last one computed.
      const revision = get().revision;
      const last = await engine.gates();
      if (!keeper.inGesture() && get().revision === revision) keeper.acceptFrame(revision, last.values);
      const how = get().run.state === 'stopped' ? 'stopped' : 'finished';
      setRun({ state: how, progress: null, stageBeganAt: null, coming: null, etaMs: null, checkpoint: null });
      job = null;
      get().notify('info', runEnded(get().run));
      hooks.onEnd(how);
    } catch (thrown) {
      if (job !== mine) return;
      const error = toPlainError(thrown);
      const cancelled = error.code === 'cancelled';
      setRun({
        state: cancelled ? 'stopped' : 'failed',
        progress: null,
        stageBeganAt: null,
        coming: null,
        etaMs: null,
        error: cancelled ? null : error,
        ...(isOver(error, get().run) ? { checkpoint: null } : {}),
      });
      if (cancelled) get().notify('info', runEnded(get().run));
      else
        get().notify('error', `Run ${get().run.number} failed at step ${get().run.step}. ${error.message}`);
    } finally {
      if (job === mine) job = null;
    }
  }

  async function stop(): Promise<void> {
    if (!job) return;
    setRun({ coming: 'stop' });
    // Preparation is one long call: stopping it means cancelling it.
    await orReport(context, get().run.state === 'preparing' ? engine.cancel(job) : engine.stop());
    await ending;
  }

  async function goOn(checkpoint: RunCheckpoint, byHand: GateField): Promise<void> {
    // Whatever was going on before has ended with its worker.
    const mine = newJob('run');
    job = mine;
    await keeper.sender.settled();
    keeper.adoptKeepingHistory(checkpoint.gates, get().autoGates);
    late = handsSince(checkpoint.gates, byHand);
    const { losses } = get().run;
    setRun({
      state: 'preparing',
      step: checkpoint.step,
      steps: checkpoint.options.steps,
      losses: losses.filter(({ step }) => step <= checkpoint.step),
      stageBeganAt: Date.now(),
      error: null,
      checkpoint,
    });
    ending = follow(mine, (hear) =>
      engine.distill(mine, checkpoint.options, hear, checkpoint.step, checkpoint),
    );
  }

  const part: Part = {
    options: defaultOptions,
    run: idleRun,

    setOptions(part) {
      if (refused(get(), runActions.setOptions, part)) return;
      const options = { ...get().options, ...part };
      set({ options });
      const { values } = keeper.current();
      const indices = Uint32Array.from(values.keys()).filter((i) => (values[i] ?? 0) > options.gateMax);
      if (indices.length === 0) return;
      get().editGates(
        'Lower the gate maximum',
        indices,
        new Float32Array(indices.length).fill(options.gateMax),
        null,
      );
    },
    setSecondTeacher(on) {
      if (refused(get(), runActions.secondTeacher, on)) return;
      const { session } = get();
      if (!session) return;
      const { alpha, beta, gamma } = on
        ? session.secondTeacherDefaults
        : { ...session.defaults, beta: 0, gamma: 0 };
      get().setOptions({ alpha, beta, gamma });
    },
    async play() {
      if (objected(get(), canStart)) return;
      if (get().run.state === 'paused' && job) await orReport(context, engine.resume());
      else if (!job) await start(null);
    },
    async pause() {
      if (objected(get(), canPause)) return;
      setRun({ coming: 'pause' });
      await orReport(context, engine.pause());
      if (get().run.coming === 'pause') setRun({ coming: null });
    },
    async step(count) {
      if (refused(get(), runActions.step)) return;
      if (get().run.state === 'paused' && job) await orReport(context, engine.step(count));
      else if (!job) await start(count);
    },
    async stop() {
      if (!refused(get(), runActions.stop)) await stop();
    },
    reset() {
      if (!refused(get(), runActions.reset)) void stopAndReset();
    },
    async startAfresh() {
      if (refused(get(), runActions.startAfresh)) return;
      await stopAndReset();
      await get().play();
    },
  };
  return { part, takeCheckpoint: createCheckpointing(context, keeper), goOn };

  async function stopAndReset(): Promise<void> {
    await stop();
    const { session, options, run } = get();
    if (!session) return;
    const { locks, values } = keeper.current();
    const half = initialField(session.layout, options.gateMax).values;
    const next = values.map((value, i) => (locks[i] === 1 ? value : (half[i] ?? 0)));
    keeper.replaceAll('Reset free gates to half open', { values: next, locks });
    if (!job) set({ run: { ...idleRun, number: run.number, steps: options.steps } });
  }
}
