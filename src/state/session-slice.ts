/**
 * Connecting, opening and reopening. A failed or cancelled open leaves the session that was there before
 * untouched.
 */
import { toPlainError } from '../../protocol/wire.ts';
import { damagedDownload } from '../../core/hub/damaged.ts';
import type { Progress } from '../../protocol/events.ts';
import type { TrioSource } from '../../protocol/session.ts';
import { refused } from './actions/action.ts';
import { modelActions } from './actions/model-actions.ts';
import { trioCalibration } from './calibration-slice.ts';
import { newJob, type SliceContext } from './context.ts';
import { demoSource } from './demo-source.ts';
import type { GateKeeper } from './gates-slice.ts';
import { nothingExported } from './output-slices.ts';
import { idleRun } from './run-slice.ts';
import type { StudioActions, StudioState } from './types.ts';

type Part = Pick<
  StudioState,
  'connection' | 'backend' | 'load' | 'incoming' | 'session' | 'source' | 'spectra' | 'savedGates'
> &
  Pick<
    StudioActions,
    'connect' | 'open' | 'cancelOpen' | 'pauseOpen' | 'resumeOpen' | 'engineLost' | 'reconnect'
  >;

interface SessionHooks {
  /** Called right before what is on the page becomes that of a new session, in the same moment. */
  onOpening(): void;
  /** Called once a new session stands. */
  onOpened(): Promise<void>;
  /** What is on the page is to be put back onto the same models. */
  holdBack(): void;
}

export function createSessionSlice(context: SliceContext, keeper: GateKeeper, hooks: SessionHooks): Part {
  const { set, get, engine } = context;
  let openJob: string | null = null;

  async function open(source: TrioSource): Promise<void> {
    if (refused(get(), modelActions.openTrio, source)) return;
    const job = newJob('open');
    openJob = job;
    const earlier = get().session;
    set(({ toasts }) => ({
      load: { ...settled, status: 'loading' },
      incoming: null,
      // It was said of what was opened before.
      toasts: toasts.filter(({ text }) => text !== damagedDownload),
    }));
    try {
      const session = await engine.open(job, source, (event) => {
        if (openJob !== job) return;
        switch (event.type) {
          case 'progress':
            if (isDamaged(event.progress) && !isDamaged(get().load.progress))
              get().notify('warning', damagedDownload);
            set(({ load }) => ({ load: { ...load, progress: event.progress } }));
            break;
          case 'paired':
            set({
              incoming: {
                slots: event.slots,
                findings: event.findings,
                spectra: event.slots.map(() => null),
              },
            });
            break;
          case 'spectrum':
            set(({ incoming }) => ({
              incoming: incoming && {
                ...incoming,
                spectra: incoming.spectra.with(event.spectrum.slot, event.spectrum),
              },
            }));
            break;
          default:
            event satisfies never;
        }
      });
      hooks.onOpening();
      keeper.adopt(session.gates);
      set(({ keeping, toasts }) => ({
        load: { ...settled, status: 'ready' },
        incoming: null,
        // Other models are another session, unless it is the one that waits for them.
        keeping: keeping.waiting?.id === keeping.id ? keeping : { ...keeping, id: null, name: '' },
        session,
        savedGates: session.gates,
        source,
        spectra: get().incoming?.spectra ?? [],
        selection: { slots: session.slots.length ? [0] : [], band: null },
        options: session.defaults,
        calibration: trioCalibration(session.forward.available ? session.forward.calibrationItems : 0),
        run: { ...idleRun, steps: session.defaults.steps },
        snapshots: [],
        deleted: [],
        measurements: [],
        figures: null,
        vlmSample: null,
        tryIt: {
          ...get().tryIt,
          image: exampleOf(session),
          question: questionOf(session),
          status: 'idle',
          live: null,
          result: null,
          asked: null,
          error: null,
        },
        // The form of an export is chosen for whatever is exported.
        exporting: { ...nothingExported, format: get().exporting.format },
        // What was wrong before is over; what was found damaged on the way is not.
        toasts: toasts.filter(({ text }) => text === damagedDownload),
      }));
      const problems = session.pairing.findings.filter((finding) => finding.severity !== 'info').length;
      get().notify(
        'info',
        `${session.label} is open. ${session.pairing.matched} linear layers match, and ${problems === 1 ? 'one finding is' : `${problems} findings are`} worth a look.`,
      );
      await hooks.onOpened();
    } catch (thrown) {
      const error = toPlainError(thrown);
      const cancelled = error.code === 'cancelled';
      set({
        load: {
          ...settled,
          status: earlier ? 'ready' : cancelled ? 'idle' : 'failed',
          error: cancelled ? null : error,
        },
        incoming: null,
      });
      if (cancelled) get().notify('info', 'Opening was cancelled.');
      // The dialog itself, or the strip where nothing is open, shows the failure until it is mended; a toast
      // would say it twice.
      else if (get().dialog === 'open-models' || !earlier)
        set((state) => ({ log: [...state.log, { at: Date.now(), level: 'error', text: error.message }] }));
      else get().notify('error', error.message);
    } finally {
      if (openJob === job) openJob = null;
    }
  }

  function suspendOpen(paused: boolean): void {
    if (!openJob) return;
    set(({ load }) => ({ load: { ...load, paused } }));
    void (paused ? engine.suspend(openJob) : engine.proceed(openJob)).catch(() => undefined);
  }

  return {
    connection: { status: 'starting', error: null },
    backend: null,
    load: settled,
    incoming: null,
    session: null,
    savedGates: null,
    source: null,
    spectra: [],

    async connect() {
      set({ connection: { status: 'starting', error: null } });
      try {
        const backend = await engine.connect(get().backendChoice);
        set({ backend, connection: { status: 'ready', error: null } });
        get().notify(
          'info',
          `The studio computes on ${backend.backend === 'webgpu' ? 'WebGPU' : 'WebAssembly'}. ${backend.reason}`,
        );
      } catch (thrown) {
        const error = toPlainError(thrown);
        set({ connection: { status: 'failed', error } });
        get().notify('error', error.message);
      }
    },
    open,
    cancelOpen() {
      if (openJob) void engine.cancel(openJob).catch(() => undefined);
    },
    pauseOpen: () => suspendOpen(true),
    resumeOpen: () => suspendOpen(false),
    engineLost(error) {
      openJob = null;
      set((state) => ({
        quiet: null,
        connection: { status: 'lost', error },
        load: { ...settled, status: state.session ? 'ready' : 'failed', error: state.load.error },
        incoming: null,
        run: ['preparing', 'running', 'paused'].includes(state.run.state)
          ? { ...state.run, state: 'failed', progress: null, coming: null, error }
          : state.run,
        measuring: null,
        calibration:
          state.calibration.status === 'reading'
            ? { ...state.calibration, status: 'failed', progress: null, error }
            : state.calibration,
        tryIt:
          state.tryIt.status === 'answering'
            ? { ...state.tryIt, status: 'failed', live: null, error }
            : state.tryIt,
        exporting:
          state.exporting.status === 'exporting'
            ? { ...state.exporting, status: 'failed', progress: null, error }
            : state.exporting,
      }));
      // A banner says it for as long as it is so; a toast beside it would only repeat it.
      set((state) => ({ log: [...state.log, { at: Date.now(), level: 'error', text: error.message }] }));
    },
    async reconnect() {
      hooks.holdBack();
      await get().connect();
      if (get().connection.status !== 'ready') return;
      const { source, keeping } = get();
      await open(source ?? keeping.waiting?.source ?? demoSource());
    },
  };
}

const isDamaged = (progress: Progress | null): boolean => (progress?.download?.damagedBytes ?? 0) > 0;

/** Nothing is being opened. */
const settled: StudioState['load'] = { status: 'idle', progress: null, error: null, paused: false };

const exampleOf = (session: NonNullable<StudioState['session']>): StudioState['tryIt']['image'] =>
  session.forward.available ? (session.forward.examples[0]?.image ?? null) : null;

const questionOf = (session: NonNullable<StudioState['session']>): string =>
  session.forward.available
    ? ((session.forward.prompts.find(({ kind }) => kind === 'reasoning') ?? session.forward.prompts[0])
        ?.prompt ?? '')
    : '';
