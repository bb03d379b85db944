/**
 * A fake engine: the whole of `EngineApi` on a made-up trio, deterministic apart from measured times, no tfjs
 * and no worker. For panel development and tests; production code never imports it. Its scores and answers
 * mean nothing.
 */
import { StudioError } from '../../core/errors.ts';
import { mapField } from '../../core/gates/budget.ts';
import { applyEdit, makeLayout, type GateEdit, type GateField } from '../../core/gates/field.ts';
import type {
  BackendReport,
  EngineApi,
  Evaluation,
  ExportOptions,
  ExportReport,
  ExportTarget,
  JobId,
  Score,
  Target,
  TryRequest,
  TryResult,
} from '../../protocol/engine.ts';
import type { Losses, OpenEvent, Progress, RunEvent, RunState } from '../../protocol/events.ts';
import type { DistillOptions } from '../../core/objective/options.ts';
import type {
  CalibrationReport,
  CalibrationSource,
  Session,
  SlotInfo,
  TrioSource,
} from '../../protocol/session.ts';
import { fakeDefaults, fakeIdentity, fakePreview, fakeSession, fakeSpectrum } from './fake-session.ts';

export interface FakeEngineOptions {
  /** How long a step, a matrix or an item takes. */
  readonly stepMs?: number;
  /** Whether opening shows approximate spectra before the exact ones. */
  readonly previews?: boolean;
  /** Calls that fail, by method name, for testing error paths. */
  readonly failing?: Partial<Record<keyof EngineApi, StudioError>>;
}

interface FakeRun {
  state: RunState;
  /** Steps it may still do before it pauses. */
  allowed: number;
  wake: () => void;
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const score = (rate: number, total: number): Score => {
  const correct = Math.round(Math.min(1, Math.max(0, rate)) * total);
  const p = correct / total;
  const half = 1.96 * Math.sqrt((p * (1 - p)) / total + 1 / (4 * total * total));
  return { correct, total, low: Math.max(0, p - half), high: Math.min(1, p + half) };
};

function labelOf(source: TrioSource): string {
  if (source.kind === 'manifest') return 'Fake trio';
  return 'kind' in source.vlm ? source.vlm.repo : source.vlm.label;
}

export function createFakeEngine({
  stepMs = 2,
  previews = false,
  failing = {},
}: FakeEngineOptions = {}): EngineApi {
  let session: Session | null = null;
  let field: GateField = { values: new Float32Array(0), locks: new Uint8Array(0) };
  let revision = 0;
  let sessions = 0;
  let seq = 0;
  let run: FakeRun | null = null;
  const jobs = new Map<JobId, { cancelled: boolean; suspended: boolean }>();

  const fail = (method: keyof EngineApi) => {
    const error = failing[method];
    if (error) throw error;
  };
  const opened = (): Session => {
    if (!session) throw new StudioError('bad-request', 'No models are open.');
    return session;
  };
  const within = async <T>(job: JobId, body: (check: () => void) => Promise<T>): Promise<T> => {
    const entry = { cancelled: false, suspended: false };
    jobs.set(job, entry);
    try {
      return await body(() => {
        if (entry.cancelled) throw new StudioError('cancelled', 'Stopped.');
      });
    } finally {
      jobs.delete(job);
    }
  };
  const progress = (stage: string, done: number, total: number, unit: Progress['unit']): Progress => ({
    stage,
    done,
    total,
    unit,
    elapsedMs: done * stepMs,
    etaMs: done === 0 ? null : (total - done) * stepMs,
  });

  /** Where the pretended optimiser goes: wide open in the MLPs, half shut at the top of attention. */
  const target = (slot: SlotInfo | undefined, gate: number, gateMax: number) => {
    const early = Math.exp(-gate / 12);
    const open =
      slot?.kind === 'gate' || slot?.kind === 'up' || slot?.kind === 'down'
        ? 0.97
        : 0.85 - 0.7 * early + 0.05 * (slot?.layer ?? 0);
    return gateMax * Math.min(1, Math.max(0, open));
  };

  const oneStep = (options: DistillOptions, step: number): Losses => {
    const values = field.values.slice();
    opened().layout.slots.forEach(({ offset, gates }, s) => {
      for (let gate = 0; gate < gates; gate++) {
        const value = values[offset + gate] ?? 0;
        if (!field.locks[offset + gate])
          values[offset + gate] =
            value + (target(opened().slots[s], gate, options.gateMax) - value) * 0.3 * options.learningRate;
      }
    });
    field = { values, locks: field.locks };
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    const distill = 0.02 + 0.6 * Math.exp(-step / 30);
    const inject = -mean * mean;
    const trace = options.beta > 0 ? 0.05 + 0.5 * Math.exp(-step / 40) : null;
    const composed = options.gamma > 0 ? 0.06 + 0.7 * Math.exp(-step / 50) : null;
    return {
      total: distill + options.alpha * inject + options.beta * (trace ?? 0) + options.gamma * (composed ?? 0),
      distill,
      inject,
      trace,
      composed,
    };
  };

  const wakeRun = (change: (current: FakeRun) => void) => {
    if (!run) return;
    change(run);
    run.wake();
  };

  return {
    async connect() {
      fail('connect');
      const report: BackendReport = {
        backend: 'wasm',
        reason: 'This is the fake engine; nothing is computed.',
        adapter: null,
        softwareAdapter: false,
        threads: 1,
        isolated: false,
        selfTest: [{ name: 'fake', error: 0, ok: true }],
        capacity: {
          backend: 'wasm',
          totalBytes: 2 ** 32,
          tensorBytes: 2 ** 31,
          packsWeights: false,
          fused: true,
          copiesOperands: false,
          machineBytes: 8 * 2 ** 30,
          machineAtLeast: true,
        },
      };
      return report;
    },

    inspect: (job: JobId, source: TrioSource, onProgress: (progress: Progress) => void) =>
      within(job, async (check) => {
        fail('inspect');
        for (let done = 0; done <= 3; done++) {
          onProgress(progress('Opening models', done, 3, 'items'));
          await wait(stepMs);
          check();
        }
        const { models, pairing, slots, memory } = fakeSession('preview', labelOf(source));
        return { models, pairing, slots, memory };
      }),

    layerSpectrum: (job: JobId, source: TrioSource, slot: number, onProgress: (progress: Progress) => void) =>
      within(job, async (check) => {
        fail('layerSpectrum');
        onProgress(progress('Decomposing layers', 0, 1, 'matrices'));
        await wait(stepMs);
        check();
        const info = fakeSession('preview', labelOf(source)).slots[slot];
        if (!info) throw new StudioError('bad-request', `There is no layer ${slot}.`);
        return fakeSpectrum(info, slot);
      }),

    open: (job: JobId, source: TrioSource, onEvent: (event: OpenEvent) => void) =>
      within(job, async (check) => {
        fail('open');
        if (run) throw new StudioError('busy', 'A run is going on. Stop it first.');
        const next = fakeSession(`fake-session-${++sessions}`, labelOf(source), source.selection);
        onEvent({ type: 'progress', progress: progress('Reading models', 1, 1, 'bytes') });
        onEvent({ type: 'paired', slots: next.slots });
        if (previews) {
          for (const [index, slot] of next.slots.entries()) {
            await wait(stepMs / 8);
            check();
            onEvent({ type: 'spectrum', spectrum: fakePreview(slot, index) });
          }
        }
        for (const [index, slot] of next.slots.entries()) {
          do await wait(stepMs);
          while (jobs.get(job)?.suspended && !jobs.get(job)?.cancelled);
          check();
          onEvent({ type: 'spectrum', spectrum: fakeSpectrum(slot, index) });
          onEvent({
            type: 'progress',
            progress: progress('Decomposing layers', index + 1, next.slots.length, 'matrices'),
          });
        }
        session = next;
        field = { values: next.gates.values.slice(), locks: next.gates.locks.slice() };
        return next;
      }),

    setCalibration: (
      job: JobId,
      source: CalibrationSource | null,
      onProgress: (progress: Progress) => void,
    ) =>
      within(job, async (check) => {
        fail('setCalibration');
        const { defaults, memory, secondTeacherDefaults } = opened();
        if (run) throw new StudioError('busy', 'A run is going on. Stop it first.');
        const images = source?.images ?? [];
        for (let done = 0; done < images.length; done++) {
          onProgress(progress('Looking through images', done, images.length, 'items'));
          await wait(stepMs);
          check();
        }
        // By the name: nothing is decoded here.
        const refused = images
          .filter(({ name }) => /broken/.test(name))
          .map(({ name }) => ({ name, reason: 'Is damaged: this is the fake engine’s word for it.' }));
        const taken = images.length - refused.length;
        if (source && taken === 0)
          throw new StudioError('bad-file', `None of ${images.length} files can be used.`);
        const report: CalibrationReport = {
          images: source ? taken : 384,
          items: source ? taken * source.questions.length : 384,
          traces: source?.traces.length ?? 0,
          refused,
          memory,
          secondTeacher: true,
          defaults: source ? { ...defaults, batchSize: 4 } : fakeDefaults,
          secondTeacherDefaults,
        };
        return report;
      }),

    distill: (
      job: JobId,
      options: DistillOptions,
      onEvent: (event: RunEvent) => void,
      pauseAfter = Infinity,
    ) =>
      within(job, async (check) => {
        fail('distill');
        opened();
        if (run) throw new StudioError('busy', 'A run is going on already.');
        const current: FakeRun = { state: 'preparing', allowed: pauseAfter, wake: () => undefined };
        run = current;
        let step = 0;
        const say = (state: RunState) => {
          current.state = state;
          onEvent({ type: 'state', seq: ++seq, state, step });
        };
        try {
          say('preparing');
          for (let done = 1; done <= 3; done++) {
            await wait(stepMs);
            check();
            onEvent({
              type: 'progress',
              seq: ++seq,
              progress: progress('Asking the teachers', done, 3, 'items'),
            });
          }
          say('running');
          while (step < options.steps) {
            if (current.state === 'stopped') break;
            if (current.allowed <= 0) {
              say('paused');
              await new Promise<void>((resolve) => (current.wake = resolve));
              check();
              if (current.allowed > 0 && (current.state as RunState) !== 'stopped') say('running');
              continue;
            }
            await wait(stepMs);
            check();
            step++;
            current.allowed--;
            const losses = oneStep(options, step);
            const etaMs = (options.steps - step) * stepMs;
            const divergence = { first: 0.6, recent: losses.distill, over: 1 };
            onEvent({
              type: 'step',
              seq: ++seq,
              step,
              steps: options.steps,
              revision,
              losses,
              divergence,
              gates: field.values.slice(),
              stepMs,
              etaMs,
            });
          }
          say(step < options.steps ? 'stopped' : 'finished');
        } catch (error) {
          say('stopped');
          throw error;
        } finally {
          run = null;
        }
      }),
    pause: async () => wakeRun((r) => (r.allowed = 0)),
    resume: async () => wakeRun((r) => (r.allowed = Infinity)),
    step: async (count: number) => wakeRun((r) => (r.allowed = count)),
    stop: async () => wakeRun((r) => (r.state = 'stopped')),

    async setGates(next: number, edit: GateEdit) {
      fail('setGates');
      opened();
      field = applyEdit(field, edit);
      revision = next;
    },
    gates: async () => ({ values: field.values.slice(), locks: field.locks.slice() }),

    setBudget: (job: JobId, budget: number | null) =>
      within(job, async () => {
        fail('setBudget');
        if (run) throw new StudioError('busy', 'A run is going on. Stop it first.');
        const before = opened();
        const layout = makeLayout(before.slots, budget);
        field = mapField(
          field,
          before.layout,
          layout,
          before.slots.map((slot, i) => fakeSpectrum(slot, i).singularValues),
        );
        session = { ...before, layout, gates: field };
        return { layout, gates: { values: field.values.slice(), locks: field.locks.slice() } };
      }),

    evaluate: (job: JobId, what: Target, limit: number | null, onProgress: (progress: Progress) => void) =>
      within(job, async (check) => {
        fail('evaluate');
        opened();
        for (let done = 1; done <= 4; done++) {
          await wait(stepMs);
          check();
          onProgress(progress('Measuring', done, 4, 'items'));
        }
        const open =
          what.kind === 'vlm'
            ? 0
            : typeof what.gates === 'number'
              ? what.lambda * what.gates
              : (what.lambda * (what.gates ?? field.values).reduce((sum, v) => sum + v, 0)) /
                field.values.length;
        const perception = score(0.99 - 0.3 * open * open, Math.min(540, limit ?? 540));
        const reasoning = score(
          open < 0.4 ? 0 : 0.9 * Math.min(1, (open - 0.4) * 1.6),
          Math.min(420, limit ?? 420),
        );
        const evaluation: Evaluation = {
          perception,
          reasoning,
          byTask: { read: perception, solve: reasoning },
          elapsedMs: 4 * stepMs,
        };
        return evaluation;
      }),

    answer: (job: JobId, request: TryRequest) =>
      within(job, async (check) => {
        fail('answer');
        opened();
        await wait(stepMs);
        check();
        const answer = (text: string) => ({ text, tokens: text.length, elapsedMs: stepMs });
        const result: TryResult = {
          vlm: answer(`vlm:${request.question}`),
          lrm: { ...answer(`lrm:${request.question}`), prompt: `3+4*2${request.question}` },
          merged: answer(`merged:${request.question}`),
        };
        return result;
      }),

    recipe: (job: JobId, { lambda }: DistillOptions) =>
      within(job, async () => {
        opened();
        return JSON.stringify({ fake: true, lambda });
      }),

    identify: (job: JobId, onProgress: (progress: Progress) => void) =>
      within(job, async (check) => {
        fail('identify');
        for (let done = 0; done <= 3; done++) {
          onProgress(progress('Hashing the models', done, 3, 'items'));
          await wait(stepMs);
          check();
        }
        return fakeIdentity(opened());
      }),

    exportMerged: (
      job: JobId,
      { run: { lambda } }: ExportOptions,
      target: ExportTarget,
      onProgress: (progress: Progress) => void,
    ) =>
      within(job, async (check) => {
        fail('exportMerged');
        const { slots } = opened();
        await wait(stepMs);
        check();
        onProgress(progress('Merging', slots.length, slots.length, 'matrices'));
        const recipe = JSON.stringify({ fake: true, lambda });
        const report: ExportReport = {
          place: target.kind === 'folder' ? target.directory.name : 'frism-merged.zip',
          files: [{ path: 'recipe.json', sizeBytes: recipe.length }],
          archive: target.kind === 'archive' ? new Blob([recipe]) : null,
          changed: slots.length,
          untouched: 67,
          energyKept: null,
          recipe,
        };
        return report;
      }),

    async cancel(job: JobId) {
      const entry = jobs.get(job);
      if (entry) entry.cancelled = true;
      run?.wake();
    },
    async suspend(job: JobId) {
      const entry = jobs.get(job);
      if (entry) entry.suspended = true;
    },
    async proceed(job: JobId) {
      const entry = jobs.get(job);
      if (entry) entry.suspended = false;
    },
  };
}
