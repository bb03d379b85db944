/**
 * The engine: one session, one run at a time, one body on the device at a time. Everything it promises is in
 * protocol/engine.ts; this file only says who may do what when.
 */
import { StudioError } from '../../core/errors.ts';
import type { BackendReport, EngineApi } from '../../protocol/engine.ts';
import { optionTable } from '../../core/objective/options.ts';
import { encodeRecipe } from '../../core/recipe/encode.ts';
import type { OpenEvent, Progress } from '../../protocol/events.ts';
import { readImage } from '../io/images/read-image.ts';
import { answerAll } from './asking/answer.ts';
import { beginRun, type BegunRun } from './running/begin-run.ts';
import { changeBasis } from './running/change-basis.ts';
import { underBudget } from './running/change-budget.ts';
import { exportMerged, makeRecipe } from './exporting/export-merged.ts';
import { exportMethod } from './exporting/export-method.ts';
import { inspectTrio, layerSpectrum } from './opening/inspect-trio.ts';
import { deviceTurns } from './device-turns.ts';
import { Jobs } from './jobs.ts';
import { weightsOf } from './running/run-origin.ts';
import { figuresOf, restoreFigures } from './measuring/keep-figures.ts';
import { measure } from './measuring/measure.ts';
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

  const { turn, onDevice } = deviceTurns(requireDevice);

  const workers = svdWorkers(
    deps,
    () => connected,
    (body, signal) => onDevice('a decomposition', body, signal),
  );

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
      turn('the start of compute', async () => {
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
        const keep = new Set([...(session?.factors.keys ?? []), ...(session?.svd.factors.keys ?? [])]);
        const onProgress = (progress: Progress): void => onEvent({ type: 'progress', progress });
        const opened = await reportingDownloads(deps, onProgress, (places, report) => {
          const tell = (event: OpenEvent): void =>
            event.type === 'progress' ? report(event.progress) : onEvent(event);
          return openTrio(
            `session-${++sessions}`,
            source,
            { ...places, cache: deps.cache, workers },
            { onEvent: tell, signal, pause, keep },
          );
        });
        const take = async () => {
          if (run)
            throw new StudioError(
              'busy',
              'A distillation was started meanwhile. Stop it before opening other models.',
            );
          forgetting(() => session?.forward?.drop());
          session?.factors.dispose();
          session?.svd.factors.dispose();
          session = opened;
          // What is handed out may be moved to another thread, the example images included.
          return structuredClone(opened.facts);
        };
        return turn('the opening of models', take, signal, onProgress);
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
        const change = async () => {
          refuse();
          const next = withCalibration(requireSession(), read);
          session = next.session;
          return structuredClone(next.report);
        };
        return turn('the change of calibration images', change, signal, onProgress);
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
          onDevice: (owner, body, report) => onDevice(owner, body, signal, report),
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
        const change = async () => {
          refuse();
          const next = underBudget(requireSession(), budget);
          forgetting(() => next.forward?.place(next.factors, next.facts.layout));
          session = next;
          return structuredClone({ layout: next.facts.layout, gates: next.facts.gates });
        };
        return turn('the change of the budget', change, signal);
      }),

    setBasis: (job, basis, onEvent) =>
      jobs.run(job, (signal) =>
        changeBasis(basis, {
          cache: deps.cache,
          workers,
          onEvent,
          signal,
          session: requireSession,
          running: () => run !== null,
          turn,
          take(next, before) {
            forgetting(() => next.forward?.place(next.factors, next.facts.layout));
            session = next;
            if (before !== next.svd.factors && before !== next.factors) before.dispose();
          },
        }),
      ),

    evaluate: (job, target, limit, onProgress) =>
      jobs.run(job, (signal) =>
        onDevice(
          'the measurement',
          () => measure(requireSession(), target, limit, connected?.backend ?? 'unknown', onProgress, signal),
          signal,
          onProgress,
        ),
      ),
    answer: (job, request, onEvent) =>
      jobs.run(job, (signal) =>
        onDevice(
          'the answer',
          () => answerAll(requireSession(), request, onEvent, signal),
          signal,
          (progress) => onEvent({ type: 'progress', who: 'vlm', progress }),
        ),
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
    vlmSample: async () => (await weightsOf(requireSession(), new AbortController().signal)).vlm,
    identify: (job, onProgress) =>
      jobs.run(job, async (signal) => {
        const { hashes } = requireSession();
        return { ...(await hashes.identity(onProgress, signal)), findings: hashes.findings };
      }),
    exportMerged: (job, options, target, onProgress) =>
      jobs.run(job, (signal) =>
        onDevice(
          'the export',
          () =>
            exportMerged(
              requireSession(),
              options,
              () => deps.openOutput(target, exportName),
              onProgress,
              signal,
            ),
          signal,
          onProgress,
        ),
      ),

    exportMethod: (job, options, target, onProgress) =>
      jobs.run(job, (signal) =>
        onDevice(
          'the export',
          () =>
            exportMethod(
              requireSession(),
              options,
              () => deps.openOutput(target, exportName),
              onProgress,
              signal,
            ),
          signal,
          onProgress,
        ),
      ),

    cancel: async (job) => jobs.cancel(job),
    suspend: async (job) => jobs.suspend(job, true),
    proceed: async (job) => jobs.suspend(job, false),
  };
}
