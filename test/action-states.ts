/** Kinds of state that decide whether something can be done: what each changes in a studio with models open. */
import type { StudioState } from '../src/state/types.ts';

const noForward = 'These models can be merged, but not run here.';

export const stateKinds: Readonly<Record<string, (state: StudioState) => Partial<StudioState>>> = {
  'ready, nothing done yet': () => ({}),
  'compute is starting': () => ({ connection: { status: 'starting', error: null } }),
  'compute was lost': () => ({ connection: { status: 'lost', error: null } }),
  'compute is not heard of': () => ({ quiet: { kind: 'no sign', forMs: 65_000 } }),
  'no models are open': () => ({ session: null, spectra: [], selection: { slots: [], band: null } }),
  'the first models are being opened': ({ load }) => ({
    session: null,
    spectra: [],
    selection: { slots: [], band: null },
    load: { ...load, status: 'loading' },
  }),
  'other models are being opened': ({ load, session }) => ({
    load: { ...load, status: 'loading' },
    incoming: { slots: session?.slots ?? [], findings: [], spectra: [] },
  }),
  'models that cannot be run': ({ session }) => ({
    session: session && { ...session, forward: { available: false, reason: noForward } },
  }),
  'models without calibration images': (state) => withForward(state, { calibrationItems: 0 }),
  'models without test sets': (state) => withForward(state, { perceptionItems: 0, reasoningItems: 0 }),
  'models without a second teacher': (state) => withForward(state, { secondTeacher: false }),
  'models that do not fit': ({ session }) => ({
    session: session && {
      ...session,
      pairing: {
        ...session.pairing,
        findings: [
          {
            code: 'heads-differ',
            severity: 'error',
            tensors: [],
            message: 'The heads differ.',
            remedy: 'Choose other models.',
          },
        ],
      },
    },
  }),
  'a run surely does not fit': ({ backend }) => ({
    backend: backend && { ...backend, capacity: { ...backend.capacity, totalBytes: 1e6 } },
  }),
  'a run is being prepared': ({ run }) => ({ run: { ...run, state: 'preparing' } }),
  'a run is going on': ({ run }) => ({ run: { ...run, state: 'running', step: 3 } }),
  'a run will pause after this step': ({ run }) => ({
    run: { ...run, state: 'running', step: 3, coming: 'pause' },
  }),
  'a run is paused': ({ run }) => ({ run: { ...run, state: 'paused', step: 3 } }),
  'a measurement is going on': () => ({ measuring: { label: 'VLM', progress: null, job: 'measure' } }),
  'a question is being answered': ({ tryIt }) => ({ tryIt: { ...tryIt, status: 'answering' } }),
  'nothing to ask about': ({ tryIt }) => ({ tryIt: { ...tryIt, image: null, question: '' } }),
  'an export is being written': ({ exporting }) => ({ exporting: { ...exporting, status: 'exporting' } }),
  'the budget is being changed': () => ({ changingBudget: true }),
  'images are being looked through': ({ calibration }) => ({
    calibration: { ...calibration, status: 'reading' },
  }),
  'a recipe is being applied': ({ recipe }) => ({ recipe: { ...recipe, status: 'applying' } }),
  'nothing is selected': () => ({ selection: { slots: [], band: null } }),
  'every gate is locked': ({ gates }) => ({
    gates: { values: gates.values, locks: gates.locks.map(() => 1) },
  }),
  'the merge strength is 0': ({ options }) => ({ options: { ...options, lambda: 0 } }),
  'a run has ended': ({ run, gates }) => ({
    run: { ...run, state: 'finished', number: 1, start: 'half-open', step: 3 },
    gates: { values: gates.values.map(() => 0.75), locks: gates.locks },
  }),
  'everything was edited and kept': ({ gates, options }) => ({
    undoStack: [emptyEntry],
    redoStack: [emptyEntry],
    snapshots: [
      {
        id: 'kept',
        label: 'Kept',
        step: 0,
        lambda: options.lambda,
        run: null,
        gates,
        budget: null,
        evaluation: null,
        origin: 'manual',
      },
    ],
  }),
};

const nothing = { values: new Float32Array(0), locks: new Uint8Array(0) };
const emptyEntry = { label: 'Edit', indices: new Uint32Array(0), before: nothing, after: nothing };

type Forward = Extract<NonNullable<StudioState['session']>['forward'], { available: true }>;

function withForward({ session }: StudioState, part: Partial<Forward>): Partial<StudioState> {
  return session?.forward.available
    ? { session: { ...session, forward: { ...session.forward, ...part } } }
    : {};
}
