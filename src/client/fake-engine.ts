/**
 * A fake engine: the whole of `EngineApi` on a made-up trio, deterministic apart from measured times, no tfjs
 * and no worker. For panel development and tests; production code never imports it. Its scores and answers
 * mean nothing.
 */
import { StudioError } from '../../core/errors.ts';
import { mapField } from '../../core/gates/budget.ts';
import type { Basis } from '../../core/gates/basis.ts';
import { applyEdit, initialField, makeLayout, type GateEdit } from '../../core/gates/field.ts';
import type { BackendReport, EngineApi, JobId } from '../../protocol/engine.ts';
import type { OpenEvent, Progress } from '../../protocol/events.ts';
import type {
  CalibrationReport,
  CalibrationSource,
  NamedImage,
  RgbaImage,
  TrioSource,
} from '../../protocol/session.ts';
import { fakeDefaults, fakePreview, fakeSession, fakeSpectrum } from './fake-session.ts';
import { fakeMeasuring } from './fake-measuring.ts';
import { fakeOutput } from './fake-output.ts';
import { fakeRun } from './fake-run.ts';
import { FakeState, type FakeEngineOptions } from './fake-state.ts';

function labelOf(source: TrioSource): string {
  if (source.kind === 'manifest') return 'Fake trio';
  if (source.kind === 'manifest-folder') return source.folder.label;
  return 'kind' in source.vlm ? source.vlm.repo : source.vlm.label;
}

export function createFakeEngine(options: FakeEngineOptions = {}): EngineApi {
  const fake = new FakeState(options);
  const { previews = false } = options;
  let sessions = 0;

  return {
    async connect() {
      fake.fail('connect');
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
      fake.within(job, async (check) => {
        fake.fail('inspect');
        for (let done = 0; done <= 3; done++) {
          onProgress(fake.progress('Opening models', done, 3, 'items'));
          await fake.wait(fake.stepMs);
          check();
        }
        const { models, pairing, slots, memory } = fakeSession('preview', labelOf(source));
        return { models, pairing, slots, memory };
      }),

    layerSpectrum: (job: JobId, source: TrioSource, slot: number, onProgress: (progress: Progress) => void) =>
      fake.within(job, async (check) => {
        fake.fail('layerSpectrum');
        onProgress(fake.progress('Decomposing layers', 0, 1, 'matrices'));
        await fake.wait(fake.stepMs);
        check();
        const info = fakeSession('preview', labelOf(source)).slots[slot];
        if (!info) throw new StudioError('bad-request', `There is no layer ${slot}.`);
        return fakeSpectrum(info, slot);
      }),

    open: (job: JobId, source: TrioSource, onEvent: (event: OpenEvent) => void) =>
      fake.within(job, async (check) => {
        fake.fail('open');
        if (fake.run) throw new StudioError('busy', 'A run is going on. Stop it first.');
        const next = fakeSession(`fake-session-${++sessions}`, labelOf(source), source.selection);
        onEvent({ type: 'progress', progress: fake.progress('Reading models', 1, 1, 'bytes') });
        onEvent({ type: 'paired', slots: next.slots, findings: next.pairing.findings });
        if (previews) {
          for (const [index, slot] of next.slots.entries()) {
            await fake.wait(fake.stepMs / 8);
            check();
            onEvent({ type: 'spectrum', spectrum: fakePreview(slot, index) });
          }
        }
        for (const [index, slot] of next.slots.entries()) {
          do await fake.wait(fake.stepMs);
          while (fake.jobs.get(job)?.suspended && !fake.jobs.get(job)?.cancelled);
          check();
          onEvent({ type: 'spectrum', spectrum: fakeSpectrum(slot, index) });
          onEvent({
            type: 'progress',
            progress: fake.progress('Decomposing layers', index + 1, next.slots.length, 'matrices'),
          });
        }
        fake.session = next;
        fake.figures = null;
        fake.field = { values: next.gates.values.slice(), locks: next.gates.locks.slice() };
        return next;
      }),

    setCalibration: (
      job: JobId,
      source: CalibrationSource | null,
      onProgress: (progress: Progress) => void,
    ) =>
      fake.within(job, async (check) => {
        fake.fail('setCalibration');
        const { defaults, memory, secondTeacherDefaults } = fake.opened();
        if (fake.run) throw new StudioError('busy', 'A run is going on. Stop it first.');
        const images = source?.images ?? [];
        for (let done = 0; done < images.length; done++) {
          onProgress(fake.progress('Looking through images', done, images.length, 'items'));
          await fake.wait(fake.stepMs);
          check();
        }
        // By the name: nothing is decoded here.
        const refused = images
          .map(({ name }, index) => ({ index, name }))
          .filter(({ name }) => /broken/.test(name))
          .map((file) => ({ ...file, reason: 'Is damaged: this is the fake engine’s word for it.' }));
        const taken = images.length - refused.length;
        if (source && taken === 0)
          throw new StudioError('bad-file', `None of ${images.length} files can be used.`);
        const report: CalibrationReport = {
          images: source ? taken : 384,
          items: source ? taken * source.questions.length : 384,
          traces: source?.traces.length || 96,
          refused,
          findings: [],
          memory,
          secondTeacher: true,
          defaults: source ? { ...defaults, batchSize: 4 } : fakeDefaults,
          secondTeacherDefaults,
        };
        return report;
      }),

    async decodeImage({ name }: NamedImage): Promise<RgbaImage> {
      fake.fail('decodeImage');
      if (/broken/.test(name)) throw new StudioError('bad-file', `${name}: is damaged.`);
      return { width: 2, height: 1, data: new Uint8ClampedArray(8).fill(255) };
    },

    async setGates(next: number, edit: GateEdit) {
      fake.fail('setGates');
      fake.opened();
      fake.field = applyEdit(fake.field, edit);
      fake.revision = next;
    },
    gates: async () => ({ values: fake.field.values.slice(), locks: fake.field.locks.slice() }),

    setBudget: (job: JobId, budget: number | null) =>
      fake.within(job, async () => {
        fake.fail('setBudget');
        if (fake.run) throw new StudioError('busy', 'A run is going on. Stop it first.');
        const before = fake.opened();
        const layout = makeLayout(before.slots, budget);
        fake.field = mapField(
          fake.field,
          before.layout,
          layout,
          before.slots.map((slot, i) => fakeSpectrum(slot, i).singularValues),
        );
        fake.session = { ...before, layout, gates: fake.field };
        return { layout, gates: { values: fake.field.values.slice(), locks: fake.field.locks.slice() } };
      }),

    setBasis: (job: JobId, basis: Basis) =>
      fake.within(job, async () => {
        fake.fail('setBasis');
        if (fake.run) throw new StudioError('busy', 'A run is going on. Stop it first.');
        const before = fake.opened();
        fake.field = initialField(before.layout);
        fake.session = { ...before, basis, gates: fake.field };
        const gates = { values: fake.field.values.slice(), locks: fake.field.locks.slice() };
        return { basis, layout: before.layout, gates };
      }),

    ...fakeRun(fake),
    ...fakeMeasuring(fake),
    ...fakeOutput(fake),

    async cancel(job: JobId) {
      const entry = fake.jobs.get(job);
      if (entry) entry.cancelled = true;
      fake.run?.wake();
    },
    async suspend(job: JobId) {
      const entry = fake.jobs.get(job);
      if (entry) entry.suspended = true;
    },
    async proceed(job: JobId) {
      const entry = fake.jobs.get(job);
      if (entry) entry.suspended = false;
    },
  };
}
