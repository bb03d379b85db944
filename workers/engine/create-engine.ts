/**
 * The engine: one session, one run at a time, one body on the device at a time. Everything it promises is in
 * protocol/engine.ts; this file only says who may do what when.
 */
import { StudioError } from '../../core/errors.ts';
import type { BackendReport, EngineApi } from '../../protocol/engine.ts';
import { optionTable } from '../../core/objective/options.ts';
import { encodeRecipe } from '../../core/recipe/encode.ts';
import type { OpenEvent } from '../../protocol/events.ts';
import { throwIfDeviceFailed } from '../backend/failure.ts';
import { readImage } from '../io/images/read-image.ts';
import { answerAll } from './asking/answer.ts';
import { beginRun, type BegunRun } from './running/begin-run.ts';
import { underBudget } from './running/change-budget.ts';
import { exportMerged, makeRecipe } from './exporting/export-merged.ts';
import { exportMethod } from './exporting/export-method.ts';
import { inspectTrio, layerSpectrum } from './opening/inspect-trio.ts';
import { Jobs } from './jobs.ts';
import { figuresOf, restoreFigures } from './measuring/keep-figures.ts';
import { measure } from './measuring/measure.ts';
import { Mutex } from './mutex.ts';
import { copyField, type OpenSession } from './opening/open-session.ts';
import { openTrio } from './opening/open-trio.ts';
import { readCalibration, withCalibration } from './running/read-calibration.ts';
import { reportingDownloads } from './opening/reporting-downloads.ts';
import { svdWorkers } from './decomposing/svd-workers.ts';
import type { EngineDeps } from './engine-deps.ts';

/** Outside a run the engine does not know gateMax; this only keeps nonsense out. */
const widestGate = optionTable.gateMax.range[1];

const exportName = 'frism-merged';

export function createEngine(deps: EngineDeps): EngineApi {
  const jobs = new Jobs();
  const device = new Mutex();
  let connected: BackendReport | null = null;
  let session: OpenSession | null = null;
  let sessions = 0;
  let run: BegunRun | null = null;

  const requireSession = (): OpenSession => {
    if (!session) throw new StudioError('bad-request', 'No models are open yet.');
    return session;
  };

  const requireDevice = (): BackendReport => {
    if (!connected) throw new StudioError('bad-request', 'No compute device has been started yet.');
    return connected;
  };

  const onDevice = <T>(body: () => Promise<T>, signal: AbortSignal): Promise<T> =>
    device.run(async () => {
      requireDevice();
      throwIfDeviceFailed();
      try {
        return await body();
      } finally {
        // What a broken device computed is worthless, and so is the error that tfjs made of it.
        throwIfDeviceFailed();
      }
    }, signal);

  const workers = svdWorkers(deps, () => connected, onDevice);

  /** Tensors belong to the device; a lost one may fail even at taking them back. */
  const forgetting = (giveBack: () => void): void => {
    try {
      giveBack();
    } catch {
      // All that mattered was to forget them.
    }
  };

  return {
    connect: (choice) =>
      device.run(async () => {
        if (run)
          throw new StudioError('busy', 'A distillation is going on. Stop it before changing the device.');
        connected = null;
        forgetting(() => session?.forward?.drop());
        const report = await deps.startBackend(choice);
        connected = report;
        return report;
      }),

    inspect: (job, source, onProgress) =>
      jobs.run(job, (signal) =>
        reportingDownloads(deps, onProgress, (places, report) =>
          inspectTrio(source, { ...places, workers }, report, signal),
        ),
      ),
    layerSpectrum: (job, source, slot, onProgress) =>
      jobs.run(job, (signal) =>
        reportingDownloads(deps, onProgress, (places, report) =>
          layerSpectrum(source, slot, { ...places, cache: deps.cache, workers }, report, signal),
        ),
      ),

    open: (job, source, onEvent) =>
      jobs.run(job, async (signal, pause) => {
        if (run)
          throw new StudioError('busy', 'A distillation is going on. Stop it before opening other models.');
        const keep = new Set(session?.factors.keys);
        const opened = await reportingDownloads(
          deps,
          (progress) => onEvent({ type: 'progress', progress }),
          (places, report) => {
            const tell = (event: OpenEvent): void =>
              event.type === 'progress' ? report(event.progress) : onEvent(event);
            return openTrio(
              `session-${++sessions}`,
              source,
              { ...places, cache: deps.cache, workers },
              { onEvent: tell, signal, pause, keep },
            );
          },
        );
        return device.run(async () => {
          if (run)
            throw new StudioError(
              'busy',
              'A distillation was started meanwhile. Stop it before opening other models.',
            );
          forgetting(() => session?.forward?.drop());
          session?.factors.dispose();
          session = opened;
          // What is handed out may be moved to another thread, the example images included.
          return structuredClone(opened.facts);
        }, signal);
      }),

    setCalibration: (job, source, onProgress) =>
      jobs.run(job, async (signal) => {
        const { id } = requireSession().facts;
        const refuse = () => {
          if (run)
            throw new StudioError(
              'busy',
              'A distillation is going on. Stop it before changing what it calibrates on.',
            );
          if (requireSession().facts.id !== id)
            throw new StudioError('busy', 'Other models were opened meanwhile. Choose the images again.');
        };
        refuse();
        const read = await readCalibration(requireSession(), source, deps.decodeImage, onProgress, signal);
        return device.run(async () => {
          refuse();
          const next = withCalibration(requireSession(), read);
          session = next.session;
          return structuredClone(next.report);
        }, signal);
      }),

    distill: (job, options, onEvent, pauseAfter, from = null) =>
      jobs.run(job, async (signal) => {
        const current = requireSession();
        if (run) throw new StudioError('busy', 'A distillation is going on already.');
        run = beginRun(current, {
          options,
          onEvent,
          pauseAfter,
          from,
          signal,
          device: requireDevice,
          onDevice: (body) => onDevice(body, signal),
        });
        try {
          await run.toEnd();
        } finally {
          run = null;
        }
      }),
    checkpoint: async () => run?.checkpoint() ?? null,
    pause: async () => run?.handle.pause(),
    resume: async () => run?.handle.resume(),
    step: async (count) => {
      if (!(Number.isInteger(count) && count > 0))
        throw new StudioError('bad-request', `A run can be stepped by a whole number from 1, not ${count}.`);
      await run?.handle.step(count);
    },
    stop: async () => run?.handle.stop(),

    setGates: async (revision, edit) =>
      requireSession().live.edit(revision, edit, run?.gateMax ?? widestGate),
    gates: async () => copyField(requireSession().live),

    setBudget: (job, budget) =>
      jobs.run(job, async (signal) => {
        const refuse = () => {
          if (run)
            throw new StudioError(
              'busy',
              'A distillation is going on. Stop it before changing how many subspaces have a gate.',
            );
        };
        refuse();
        return device.run(async () => {
          refuse();
          const next = underBudget(requireSession(), budget);
          forgetting(() => next.forward?.place(next.facts.layout));
          session = next;
          return structuredClone({ layout: next.facts.layout, gates: next.facts.gates });
        }, signal);
      }),

    evaluate: (job, target, limit, onProgress) =>
      jobs.run(job, (signal) =>
        onDevice(
          () => measure(requireSession(), target, limit, connected?.backend ?? 'unknown', onProgress, signal),
          signal,
        ),
      ),
    answer: (job, request, onEvent) =>
      jobs.run(job, (signal) =>
        onDevice(() => answerAll(requireSession(), request, onEvent, signal), signal),
      ),
    decodeImage: async (image) => {
      if (!deps.decodeImage) throw new StudioError('unsupported', 'Images cannot be decoded here.');
      return readImage(image, deps.decodeImage);
    },
    recipe: (job, request, onProgress) =>
      jobs.run(job, async (signal) =>
        encodeRecipe(await makeRecipe(requireSession(), request, onProgress, signal)),
      ),
    figures: () => figuresOf(requireSession(), new AbortController().signal),
    restoreFigures: (kept) => restoreFigures(requireSession(), kept, new AbortController().signal),
    identify: (job, onProgress) =>
      jobs.run(job, (signal) => requireSession().hashes.identity(onProgress, signal)),
    exportMerged: (job, options, target, onProgress) =>
      jobs.run(job, (signal) =>
        onDevice(
          () =>
            exportMerged(
              requireSession(),
              options,
              () => deps.openOutput(target, exportName),
              onProgress,
              signal,
            ),
          signal,
        ),
      ),

    exportMethod: (job, options, target, onProgress) =>
      jobs.run(job, (signal) =>
        onDevice(
          () =>
            exportMethod(
              requireSession(),
              options,
              () => deps.openOutput(target, exportName),
              onProgress,
              signal,
            ),
          signal,
        ),
      ),

    cancel: async (job) => jobs.cancel(job),
    suspend: async (job) => jobs.suspend(job, true),
    proceed: async (job) => jobs.suspend(job, false),
  };
}
