/**
 * Measurements. They run one after another; each is of gates that are passed along
 * explicitly, so a point on the plot always belongs to exactly the field stored beside it.
 */
import { toPlainError } from '../../protocol/wire.ts';
import type { GateField } from '../../core/gates/field.ts';
import type { Evaluation, Target } from '../../protocol/engine.ts';
import { newJob, type SliceContext } from './context.ts';
import { refused } from './actions/action.ts';
import { measureActions } from './actions/measure-actions.ts';
import { methodActions } from './actions/method-actions.ts';
import type { MethodChoice } from '../../core/merging/choose.ts';
import { chosenMethod, methodLabel } from './method-slice.ts';
import { gatesInForce, sameGates } from './gates-in-force.ts';
import type { GateKeeper } from './gates-slice.ts';
import { measurementWords } from './measurement-words.ts';
import { hasTestSets, isMeasurable, sweepLambdas, unmeasuredSnapshots } from './measurable.ts';
import type { Measurement, Snapshot } from './records.ts';
import type { StudioActions, StudioState } from './types.ts';

type Part = Pick<StudioState, 'measurements' | 'measuring' | 'evaluationItems'> &
  Pick<
    StudioActions,
    | 'evaluateCurrent'
    | 'evaluateMethod'
    | 'evaluateSnapshot'
    | 'evaluateTrail'
    | 'sweepTaskArithmetic'
    | 'cancelMeasuring'
    | 'setEvaluationItems'
  >;

export interface Measurer {
  /** Measures the VLM once a session, then the result of a run. */
  measureResult(): Promise<void>;
}

/**
 * Has anything that the point of kind `current` was measured with changed since? An edit that was undone
 * changed nothing.
 */
export function isStale(point: Measurement, state: Pick<StudioState, 'gates' | 'peek' | 'options'>): boolean {
  if (point.kind !== 'current') return false;
  return (
    point.lambda !== state.options.lambda ||
    point.gates === null ||
    !sameGates(point.gates, gatesInForce(state))
  );
}

/** A point that belongs to no gates on the page. */
const unset = { step: null, revision: 0, gates: null, budget: null } as const;

export function createMeasureSlice(
  context: SliceContext,
  keeper: GateKeeper,
): { part: Part; measurer: Measurer } {
  const { set, get, engine } = context;
  let queue: Promise<void> = Promise.resolve();
  /** Rises with each cancel: what was queued under an older ticket is not begun. */
  let ticket = 0;

  async function evaluate(label: string, target: Target): Promise<Evaluation> {
    const job = newJob('measure');
    set({ measuring: { label, progress: null, job } });
    return engine.evaluate(job, target, get().evaluationItems, (progress) => {
      if (get().measuring?.job === job) set({ measuring: { label, progress, job } });
    });
  }

  /** Queues `work`; a cancel or a fault ends it and leaves everything measured so far. */
  function enqueue(work: (still: () => boolean) => Promise<void>): Promise<void> {
    const mine = ticket;
    const still = (): boolean => mine === ticket;
    const session = get().session;
    queue = queue.then(async () => {
      if (!still() || !session || get().session !== session) return;
      try {
        await work(still);
      } catch (thrown) {
        const error = toPlainError(thrown);
        if (error.code !== 'cancelled') get().notify('error', error.message);
      } finally {
        set({ measuring: null });
      }
    });
    return queue;
  }

  const put = (point: Measurement): void => {
    // What is measured as the current gates too was said with them.
    const known = get().measurements.some(({ evaluation }) => evaluation === point.evaluation);
    set((state) => ({ measurements: [...state.measurements.filter(({ id }) => id !== point.id), point] }));
    if (!known) get().notify('info', measurementWords(point));
  };

  const comparable = (point: Measurement): boolean => {
    const { forward } = get().session ?? {};
    if (!forward?.available) return false;
    const items = get().evaluationItems;
    return point.evaluation.perception.total === Math.min(forward.perceptionItems, items ?? Infinity);
  };

  const budgetNow = (): number | null => get().session?.layout.budget ?? null;

  async function measureVlm(): Promise<void> {
    const known = get().measurements.find(({ id }) => id === 'vlm');
    if (known && comparable(known)) return;
    const evaluation = await evaluate('VLM', { kind: 'vlm' });
    put({ ...unset, id: 'vlm', kind: 'vlm', label: 'VLM, unmerged', lambda: 0, evaluation });
  }

  async function measureField(label: string, field: GateField, lambda: number): Promise<Evaluation> {
    return evaluate(label, { kind: 'merged', lambda, gates: field.values.slice() });
  }

  async function measureCurrent(): Promise<void> {
    const gates = keeper.current();
    const { options, revision, run } = get();
    const { lambda } = options;
    const step = run.step;
    const evaluation = await measureField('Merged model', gates, lambda);
    put({
      id: 'current',
      kind: 'current',
      label: 'Merged, as set',
      lambda,
      step,
      evaluation,
      revision,
      gates,
      budget: budgetNow(),
    });
    // A snapshot of the very same gates is measured with it.
    for (const snapshot of get().snapshots)
      if (snapshot.gates === gates && snapshot.lambda === lambda) record(snapshot, evaluation);
  }

  async function measureSnapshot(snapshot: Snapshot): Promise<void> {
    record(snapshot, await measureField(`“${snapshot.label}”`, snapshot.gates, snapshot.lambda));
  }

  async function measureMethod(method: MethodChoice): Promise<void> {
    const label = methodLabel(method);
    const evaluation = await evaluate(label, { kind: 'method', method });
    const lambda = method.settings['lambda'] ?? 0;
    put({ ...unset, id: `method ${label}`, kind: 'method', label, lambda, evaluation, method });
  }

  /** Puts a snapshot's score beside it and on the plot, unless it was deleted meanwhile. */
  function record({ id, label, lambda, step, gates, budget }: Snapshot, evaluation: Evaluation): void {
    set((state) => ({
      snapshots: state.snapshots.map((other) => (other.id === id ? { ...other, evaluation } : other)),
    }));
    if (get().snapshots.some((other) => other.id === id))
      put({ id, kind: 'snapshot', label, lambda, step, evaluation, revision: 0, gates, budget });
  }

  const measureMerged = (): Promise<void> =>
    enqueue(async (still) => {
      await measureVlm();
      if (still()) await measureCurrent();
    });

  const part: Part = {
    measurements: [],
    measuring: null,
    evaluationItems: null,

    async evaluateCurrent() {
      if (!refused(get(), measureActions.evaluate)) await measureMerged();
    },
    async evaluateMethod() {
      if (refused(get(), methodActions.measureMethod)) return;
      // As it is set now, whatever is chosen while others are measured.
      const method = chosenMethod(get());
      await enqueue(async (still) => {
        await measureVlm();
        if (still()) await measureMethod(method);
      });
    },
    async evaluateSnapshot(id) {
      if (refused(get(), measureActions.measureSnapshot, id)) return;
      await enqueue(async () => {
        const snapshot = get().snapshots.find((other) => other.id === id);
        if (snapshot && isMeasurable(snapshot, get())) await measureSnapshot(snapshot);
      });
    },
    async evaluateTrail() {
      if (refused(get(), measureActions.measureTrail)) return;
      await enqueue(async (still) => {
        for (const { id } of unmeasuredSnapshots(get())) {
          if (!still()) return;
          // It may have been deleted meanwhile, or measured with another.
          const snapshot = unmeasuredSnapshots(get()).find((other) => other.id === id);
          if (snapshot) await measureSnapshot(snapshot);
        }
      });
    },
    async sweepTaskArithmetic() {
      if (refused(get(), measureActions.sweep)) return;
      await enqueue(async (still) => {
        await measureVlm();
        for (const lambda of sweepLambdas) {
          if (!still()) return;
          const id = `task-arithmetic-${lambda}`;
          const known = get().measurements.find((point) => point.id === id);
          if (known && comparable(known)) continue;
          const label = `Task arithmetic, λ ${lambda}`;
          const evaluation = await evaluate(`One λ, ${lambda}`, { kind: 'merged', lambda, gates: 1 });
          put({ ...unset, id, kind: 'task-arithmetic', label, lambda, evaluation });
        }
      });
    },
    cancelMeasuring() {
      ticket += 1;
      const job = get().measuring?.job;
      if (job) void engine.cancel(job).catch(() => undefined);
    },
    setEvaluationItems(items) {
      if (refused(get(), measureActions.setEvaluationItems, items)) return;
      set({ evaluationItems: items });
    },
  };

  return {
    part,
    measurer: {
      measureResult: async () => {
        // Behind what is being measured already, where something is.
        if (hasTestSets(get())) await measureMerged();
      },
    },
  };
}
