/**
 * A distillation run as the page sees it: options, state, progress, losses, and what happens when it ends
 * (the result is kept as a snapshot and measured). Gates of each frame go to the gate keeper; nothing here
 * touches them.
 */
import { initialField } from '../../core/gates/field.ts';
import type { RunEvent } from '../../protocol/events.ts';
import {
  defaultOptions,
  optionTable,
  type DistillOptions,
  type OptionKey,
} from '../../core/objective/options.ts';
import { newJob, orReport, plainError, type SliceContext } from './context.ts';
import type { GateKeeper } from './gates-slice.ts';
import type { StudioActions, StudioState } from './types.ts';

type Part = Pick<StudioState, 'options' | 'run'> &
  Pick<StudioActions, 'setOptions' | 'setSecondTeacher' | 'play' | 'pause' | 'step' | 'stop' | 'reset'>;

export const idleRun: StudioState['run'] = {
  state: 'idle',
  step: 0,
  steps: 0,
  etaMs: null,
  stepMs: null,
  progress: null,
  error: null,
  losses: [],
  divergence: null,
};

export const isRunActive = (run: StudioState['run']): boolean =>
  run.state === 'preparing' || run.state === 'running' || run.state === 'paused';

export const isSecondTeacherOn = (options: DistillOptions): boolean => options.beta > 0 || options.gamma > 0;

const mayChangeDuringRun = (key: OptionKey): boolean => optionTable[key].mayChangeDuringRun;

export interface RunHooks {
  /** After each step that was reported. */
  onStep(step: number, steps: number): void;
  /** The run ended by itself or was stopped, its last gates adopted. */
  onEnd(how: 'finished' | 'stopped'): void;
}

export function createRunSlice(context: SliceContext, keeper: GateKeeper, hooks: RunHooks): Part {
  const { set, get, engine } = context;
  let job: string | null = null;
  let ending: Promise<void> = Promise.resolve();

  const setRun = (part: Partial<StudioState['run']>): void =>
    set((state) => ({ run: { ...state.run, ...part } }));

  function onEvent(event: RunEvent): void {
    switch (event.type) {
      case 'state':
        setRun({
          state: event.state,
          step: event.step,
          error: event.error ?? null,
          ...(event.state === 'preparing' ? {} : { progress: null }),
        });
        break;
      case 'progress':
        setRun({ progress: event.progress });
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
    const { options } = get();
    const mine = newJob('run');
    job = mine;
    set({ run: { ...idleRun, state: 'preparing', steps: options.steps } });
    await keeper.sender.settled();
    try {
      const hear = (event: RunEvent): void => {
        if (job === mine) onEvent(event);
      };
      await engine.distill(mine, options, hear, ...(onlySteps === null ? [] : [onlySteps]));
      if (job !== mine) return;
      // Frames are sampled: the last one shown need not be the last one computed.
      const revision = get().revision;
      const last = await engine.gates();
      if (!keeper.inGesture() && get().revision === revision) keeper.acceptFrame(revision, last.values);
      const how = get().run.state === 'stopped' ? 'stopped' : 'finished';
      setRun({ state: how, progress: null, etaMs: null });
      job = null;
      hooks.onEnd(how);
    } catch (thrown) {
      if (job !== mine) return;
      const error = plainError(thrown);
      const cancelled = error.code === 'cancelled';
      setRun({
        state: cancelled ? 'stopped' : 'failed',
        progress: null,
        etaMs: null,
        error: cancelled ? null : error,
      });
      if (!cancelled) get().notify('error', error.message);
    } finally {
      if (job === mine) job = null;
    }
  }

  async function stop(): Promise<void> {
    if (!job) return;
    // Preparation is one long call: stopping it means cancelling it.
    await orReport(context, get().run.state === 'preparing' ? engine.cancel(job) : engine.stop());
    await ending;
  }

  return {
    options: defaultOptions,
    run: idleRun,

    setOptions(part) {
      if (isRunActive(get().run) && !(Object.keys(part) as OptionKey[]).every(mayChangeDuringRun)) return;
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
      const { session } = get();
      if (!session) return;
      const { alpha, beta, gamma } = on
        ? session.secondTeacherDefaults
        : { ...session.defaults, beta: 0, gamma: 0 };
      get().setOptions({ alpha, beta, gamma });
    },
    async play() {
      if (get().run.state === 'paused' && job) await orReport(context, engine.resume());
      else if (!job) await start(null);
    },
    async pause() {
      if (get().run.state === 'running' || get().run.state === 'preparing')
        await orReport(context, engine.pause());
    },
    async step(count) {
      if (get().run.state === 'paused' && job) await orReport(context, engine.step(count));
      else if (!job) await start(count);
    },
    stop,
    reset() {
      void (async () => {
        await stop();
        const { session, options } = get();
        if (!session) return;
        const { locks, values } = keeper.current();
        const half = initialField(session.layout, options.gateMax).values;
        const next = values.map((value, i) => (locks[i] === 1 ? value : (half[i] ?? 0)));
        keeper.replaceAll('Reset free gates to half open', { values: next, locks });
        if (!job) set({ run: { ...idleRun, steps: options.steps } });
      })();
    },
  };
}
