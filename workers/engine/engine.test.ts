/**
 * The whole engine in Node on the demo trio: open, distil, edit by hand, measure, ask, export, open the
 * export again.
 */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test, vi } from 'vitest';
import type { EngineApi, ExportOptions, ExportTarget } from '../../protocol/engine.ts';
import type { OpenEvent, Progress, RunEvent } from '../../protocol/events.ts';
import type { DistillOptions } from '../../core/objective/options.ts';
import type { RgbaImage, Session } from '../../protocol/session.ts';
import { buffersOf } from '../../protocol/wire.ts';
import { parseRecipe } from '../../core/recipe/parse.ts';
import { recordDeviceFailure } from '../backend/failure.ts';
import { nodeHost } from '../backend/host.node.ts';
import { startBackend } from '../backend/start.ts';
import { openAdapter } from '../io/checkpoints/adapter.ts';
import { openCheckpoint } from '../io/checkpoints/checkpoint.ts';
import { nodeDirectory } from '../io/folders/directory.node.ts';
import { memoryFactorCache } from '../io/cache/memory-factor-cache.ts';
import { memoryFolder, memorySource } from '../io/folders/memory-folder.ts';
import { memoryOutput, type MemoryOutput } from '../io/output/memory-output.ts';
import { createEngine } from './create-engine.ts';
import { Mutex } from './mutex.ts';

const demo = 'public/models/demo';
const cache = memoryFactorCache();
/** What was exported last. */
let exported: MemoryOutput;
const openOutput = async (_target: ExportTarget, name: string) => (exported = memoryOutput(name, 2 ** 30));
const archive: ExportTarget = { kind: 'archive' };
const asOptions = async (run: DistillOptions, of: EngineApi = engine): Promise<ExportOptions> => ({
  run,
  gates: await of.gates(),
  format: { kind: 'checkpoint', maxShardBytes: null },
});
const makeEngine = () =>
  createEngine({
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openManifest: (url) => ({ folder: nodeDirectory(url), file: 'manifest.json' }),
    openOutput,
    cache,
  });
const nothing = () => undefined;
const source = { kind: 'manifest', url: demo } as const;

let engine: EngineApi;
let session: Session;
const opening: OpenEvent[] = [];

beforeAll(async () => {
  engine = makeEngine();
  await engine.connect('wasm');
  // Moved, as results are at a worker's border: the engine must not need them any more.
  const moved = await engine.open('open', source, (event) => opening.push(event));
  session = structuredClone(moved, { transfer: [...buffersOf(moved)] });
});

const openText = async (path: string): Promise<string> => {
  const stored = await nodeDirectory(demo).open(path);
  return new TextDecoder().decode(await stored?.read(0, stored.sizeBytes));
};
const exampleImage = (): RgbaImage => {
  const image = session.forward.available ? session.forward.examples[0]?.image : undefined;
  if (!image) throw new Error('the demo has no example image');
  return image;
};
const small = (part: Partial<DistillOptions> = {}): DistillOptions => ({
  ...session.defaults,
  steps: 4,
  batchSize: 4,
  ...part,
});
const file = (path: string) => {
  const found = exported.files.find((candidate) => candidate.path === path);
  if (!found) throw new Error(`the export has no ${path}`);
  return found.bytes;
};

test('opens the demo: pairs it, decomposes every layer, says what can be done', () => {
  expect(session.slots).toHaveLength(28);
  expect(session.layout.size).toBe(28 * 128);
  const spectra = opening.flatMap((event) => (event.type === 'spectrum' ? [event.spectrum] : []));
  expect(spectra.map(({ slot }) => slot)).toEqual(session.slots.map((_, i) => i));
  expect(
    spectra.every(({ singularValues, measures }) => singularValues.length === 128 && measures.noiseEdge > 0),
  ).toBe(true);
  const stages = opening.flatMap((event) => (event.type === 'progress' ? [event.progress] : []));
  // No stage begins at its end: the first report of each comes before its work.
  expect(stages.filter(({ stage }, i) => stage !== stages[i - 1]?.stage)).toMatchObject([
    { stage: 'Opening models', done: 0, total: 3, etaMs: null },
    { stage: 'Decomposing layers', done: 0, total: 28, etaMs: null },
  ]);
  expect(opening.findLast((event) => event.type === 'progress')).toMatchObject({
    progress: { stage: 'Decomposing layers', done: 28, total: 28, unit: 'matrices', etaMs: 0 },
  });
  expect(session.forward).toMatchObject({
    available: true,
    calibrationItems: 384,
    perceptionItems: 540,
    reasoningItems: 420,
    secondTeacher: true,
  });
  expect(session.gates.values.every((gate) => gate === 0.5)).toBe(true);
});

test('runs with both teachers, keeps what a hand set mid-run, and gives every tensor back', async () => {
  const events: RunEvent[] = [];
  let running: Promise<void> | null = null;
  const edited = new Promise<void>((resolve, reject) => {
    const onEvent = (event: RunEvent) => {
      events.push(event);
      if (
        event.type === 'step' &&
        event.step >= 1 &&
        !events.slice(0, -1).some(({ type }) => type === 'step')
      ) {
        void engine
          .setGates(5, {
            indices: Uint32Array.of(0, 1, 200),
            values: Float32Array.of(0, 0.3, 1),
            locks: Uint8Array.of(1, 1, 1),
          })
          .then(resolve);
      }
    };
    running = engine.distill('run', small({ beta: 0.5, gamma: 0.5, steps: 6 }), onEvent);
    running.catch(reject);
  });
  await edited;
  await running;
  expect(events.at(-1)).toMatchObject({ type: 'state', state: 'finished', step: 6 });
  const { values, locks } = await engine.gates();
  expect([values[0], values[1], values[200]]).toEqual([0, Math.fround(0.3), 1]);
  expect([locks[0], locks[1], locks[200], locks[2]]).toEqual([1, 1, 1, 0]);
  expect(values.some((gate, i) => !locks[i] && gate !== 0.5)).toBe(true);
  const last = events.findLast((event) => event.type === 'step');
  expect(last).toMatchObject({
    step: 6,
    revision: 5,
    losses: { trace: expect.any(Number), composed: expect.any(Number) },
  });
  const stages = events.flatMap((event) => (event.type === 'progress' ? [event.progress] : []));
  expect(stages.map(({ stage }) => stage)).toContain('LRM answers');

  const before = tf.memory().numTensors;
  await engine.distill('again', small({ steps: 3 }), nothing);
  expect(tf.memory().numTensors).toBe(before);
});

test('measures the VLM and the merged model on a handful of items', async () => {
  const vlm = await engine.evaluate('e1', { kind: 'vlm' }, 6, nothing);
  expect([vlm.perception.total, vlm.reasoning.total]).toEqual([6, 6]);
  const same = await engine.evaluate('e2', { kind: 'merged', lambda: 1.2, gates: 0 }, 6, nothing);
  expect({ ...same, elapsedMs: 0 }).toEqual({ ...vlm, elapsedMs: 0 });
  const before = tf.memory().numTensors;
  await engine.evaluate('e3', { kind: 'merged', lambda: 1, gates: 1 }, 6, nothing);
  expect(tf.memory().numTensors).toBe(before);
});

test('answers a question three ways, during a paused run as well', async () => {
  const running = engine.distill('run', small({ steps: 50 }), nothing);
  await engine.pause();
  const { vlm, lrm, merged } = await engine.answer('a', {
    image: exampleImage(),
    question: 'solve',
    lambda: 1.2,
    gates: (await engine.gates()).values,
    maxTokens: 6,
  });
  expect([vlm.tokens, lrm.tokens, merged.tokens].every((count) => count <= 6)).toBe(true);
  expect(lrm.prompt.endsWith('solve')).toBe(true);
  await engine.stop();
  await running;
});

test('with all gates at 0 the export is the VLM byte for byte', async () => {
  const kept = await engine.gates();
  const indices = Uint32Array.from(kept.values.keys());
  await engine.setGates(6, { indices, values: new Float32Array(indices.length), locks: null });
  const report = await engine.exportMerged('x0', await asOptions(small()), archive, nothing);
  expect(report.changed).toBe(0);
  const original = await nodeDirectory(`${demo}/vlm`).open('model.safetensors');
  expect(
    Buffer.from((await original?.read(0, original.sizeBytes)) ?? []).equals(file('model.safetensors')),
  ).toBe(true);
  await engine.setGates(7, { indices, values: kept.values, locks: kept.locks });
});

test('exports what was previewed, and opens it again', async () => {
  const options = small();
  const { values } = await engine.gates();
  const report = await engine.exportMerged('x1', await asOptions(options), archive, nothing);
  expect(report).toMatchObject({ changed: 28 });
  expect(report.files.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      'model.safetensors',
      'config.json',
      'tokenizer.json',
      'chat_template.jinja',
      'preprocessor_config.json',
      'recipe.json',
      'README.md',
      'studio-check.json',
    ]),
  );
  const folder = memoryFolder(
    'merged',
    Object.fromEntries(exported.files.map(({ path, bytes }) => [path, bytes])),
  );
  const [checkpoint, vlm] = [
    await openCheckpoint(folder),
    await openCheckpoint(nodeDirectory(`${demo}/vlm`)),
  ];
  expect([...checkpoint.tensors.keys()]).toEqual([...vlm.tensors.keys()]);
  const merged = new Set(session.slots.map(({ tensors }) => tensors.vlm));
  for (const name of vlm.tensors.keys()) {
    const same = Buffer.from(await checkpoint.readRaw(name)).equals(Buffer.from(await vlm.readRaw(name)));
    expect(same, name).toBe(!merged.has(name));
  }
  const recipe = parseRecipe(checkpoint.metadata['frism_recipe'] ?? '');
  expect(recipe.slots.flatMap(({ gates }) => [...gates])).toEqual([...values]);
  expect(recipe.options.lambda).toBe(options.lambda);

  // The exported folder as the VLM of a new session answers as the merged model did.
  const check = JSON.parse(new TextDecoder().decode(file('studio-check.json'))) as {
    checks: { prompt: string; answer: { text: string } }[];
  };
  const { merged: asked } = await engine.answer('a', {
    image: exampleImage(),
    question: check.checks[0]?.prompt ?? '',
    lambda: options.lambda,
    gates: values,
    maxTokens: 22,
  });
  expect(asked.text).toBe(check.checks[0]?.answer.text);
  const again = makeEngine();
  const blobs = (path: string, names: readonly string[]) =>
    Promise.all(
      names.map(async (name) => {
        const stored = await nodeDirectory(`${demo}/${path}`).open(name);
        return { path: name, file: new Blob(stored ? [await stored.read(0, stored.sizeBytes)] : []) };
      }),
    );
  const text = [
    'config.json',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer_config.json',
    'generation_config.json',
    'chat_template.jinja',
  ];
  await again.connect('wasm');
  const reopened = await again.open(
    'open',
    {
      kind: 'folders',
      base: { label: 'base', files: await blobs('base', text) },
      vlm: {
        label: 'merged',
        files: exported.files.map(({ path, bytes }) => ({ path, file: new Blob([bytes]) })),
      },
      lrm: { label: 'lrm', files: await blobs('lrm', text) },
    },
    (event) => event.type === 'spectrum' && expect(event.spectrum.cached).toBe(true),
  );
  expect(reopened.forward).toMatchObject({ available: true, calibrationItems: 0, prompts: [], board: null });
  await expect(again.distill('d', small(), nothing)).rejects.toMatchObject({
    code: 'missing',
    message: expect.stringContaining('calibration images'),
  });
  const { vlm: answer } = await again.answer('a', {
    image: exampleImage(),
    question: check.checks[0]?.prompt ?? '',
    lambda: 0,
    gates: 0,
    maxTokens: 22,
  });
  expect(answer.text).toBe(check.checks[0]?.answer.text);
});

test('weights are loaded with progress in bytes, once; opening again gives the old ones back', async () => {
  const loaded = async (job: string) => {
    const stages: Progress[] = [];
    await engine.evaluate(job, { kind: 'vlm' }, 1, (progress) => stages.push(progress));
    return stages.filter(({ stage }) => stage === 'Loading the VLM');
  };
  const before = tf.memory().numTensors;
  await engine.open('again', source, nothing);
  expect(tf.memory().numTensors).toBeLessThan(before);
  const first = await loaded('l1');
  expect(first[0]).toMatchObject({ unit: 'bytes' });
  expect(first.map(({ done }) => done)).toEqual(first.map(({ done }) => done).sort((a, b) => a - b));
  expect(first.at(-1)?.done).toBeLessThanOrEqual(first.at(-1)?.total ?? 0);
  const full = tf.memory().numTensors;
  expect(await loaded('l2')).toEqual([]);
  await engine.open('and again', source, nothing);
  await loaded('l3');
  expect(tf.memory().numTensors).toBe(full);
});

test('a failed or cancelled open leaves the session usable', async () => {
  await expect(engine.open('bad', { kind: 'manifest', url: `${demo}/vlm` }, nothing)).rejects.toMatchObject({
    code: 'missing',
  });
  const cancelled = engine.open('late', source, (event) => {
    if (event.type === 'spectrum') void engine.cancel('late');
  });
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  expect((await engine.gates()).values).toHaveLength(session.layout.size);
});

/** Until somebody who can be cancelled asks for the device. */
const waitsForDevice = () =>
  new Promise<void>((resolve) => {
    const { run } = Mutex.prototype;
    const asked = vi.spyOn(Mutex.prototype, 'run').mockImplementation(function (this: Mutex, body, signal) {
      const turn = run.call(this, body, signal);
      if (signal) {
        asked.mockRestore();
        resolve();
      }
      return turn;
    });
  });

test('cancelled while it waits for the device, open leaves at once and the session stays', async () => {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let held = 0;
  const other = createEngine({
    startBackend: async (choice) => {
      if (held++ > 0) await released;
      return startBackend(choice, nodeHost());
    },
    openManifest: (url) => ({ folder: nodeDirectory(url), file: 'manifest.json' }),
    openOutput,
    cache,
  });
  await other.connect('wasm');
  await other.open('first', source, nothing);
  await other.setGates(1, { indices: Uint32Array.of(0), values: Float32Array.of(0.25), locks: null });
  const connecting = other.connect('wasm');
  const opening = other.open('second', source, nothing);
  await waitsForDevice();
  await other.cancel('second');
  await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
  release();
  await connecting;
  expect((await other.gates()).values[0]).toBe(0.25);
});

test('exports an adapter that makes the same weights of the VLM, or the nearest of a lower rank', async () => {
  const options = small({ lambda: 0.8 });
  await engine.exportMerged('x2', await asOptions(options), archive, nothing);
  const whole = await openCheckpoint(
    memoryFolder('merged', Object.fromEntries(exported.files.map(({ path, bytes }) => [path, bytes]))),
  );
  const vlm = await openCheckpoint(nodeDirectory(`${demo}/vlm`));
  const export1 = async (maxRank: number | null) => {
    const report = await engine.exportMerged(
      'x3',
      { run: options, gates: await engine.gates(), format: { kind: 'adapter', maxRank } },
      archive,
      nothing,
    );
    const folder = memoryFolder(
      'adapter',
      Object.fromEntries(exported.files.map(({ path, bytes }) => [path, bytes])),
    );
    return { report, adapter: await openAdapter(folder, vlm) };
  };
  const exact = await export1(null);
  expect(exact.report).toMatchObject({ changed: 28, energyKept: 1 });
  expect(exact.report.files.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['adapter_config.json', 'adapter_model.safetensors', 'README.md', 'recipe.json']),
  );
  const cut = await export1(8);
  expect(cut.report.energyKept).toBeGreaterThan(0.3);
  expect(cut.report.energyKept).toBeLessThan(1);
  expect([...(cut.adapter.adapted?.values() ?? [])].every(({ rank }) => rank === 8)).toBe(true);
  for (const { tensors } of session.slots.slice(0, 7)) {
    const [merged, made, near, own] = await Promise.all([
      whole.readFloat32(tensors.vlm),
      exact.adapter.readFloat32(tensors.vlm),
      cut.adapter.readFloat32(tensors.vlm),
      vlm.readFloat32(tensors.vlm),
    ]);
    const distance = (a: Float32Array, b: Float32Array) =>
      Math.sqrt(a.reduce((sum, value, i) => sum + (value - (b[i] ?? 0)) ** 2, 0));
    // The whole model is rounded to float16.
    made.forEach((value, i) =>
      expect(Math.abs(value - (merged[i] ?? 0))).toBeLessThanOrEqual(2 ** -11 * Math.abs(value) + 1e-7),
    );
    expect(distance(near, made)).toBeLessThan(distance(own, made));
  }
  await expect(
    engine.exportMerged(
      'x4',
      { run: small({ lambda: 0 }), gates: await engine.gates(), format: { kind: 'adapter', maxRank: null } },
      archive,
      nothing,
    ),
  ).rejects.toThrow(/nothing to put into an adapter/);
});

test('opens half open also where gates go above 1, and exports a recipe that can be read', async () => {
  const folder = nodeDirectory(demo);
  const text = (await openText('manifest.json')).replace('"run": {', '"run": { "gateMax": 3,');
  const openManifest = () => ({
    folder: {
      label: 'demo',
      open: async (path: string) =>
        path === 'manifest.json' ? memorySource(path, new TextEncoder().encode(text)) : folder.open(path),
    },
    file: 'manifest.json',
  });
  const other = createEngine({
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openManifest,
    openOutput,
    cache,
  });
  await other.connect('wasm');
  const opened = await other.open('open', source, nothing);
  expect(opened.defaults.gateMax).toBe(3);
  expect(opened.gates.values.every((gate) => gate === 1.5)).toBe(true);
  const report = await other.exportMerged(
    'x',
    await asOptions({ ...opened.defaults, gateMax: 1 }, other),
    archive,
    nothing,
  );
  expect(parseRecipe(report.recipe)).toMatchObject({ options: { gateMax: 1.5 } });
  await engine.connect('wasm');
});

test('refuses what cannot be', async () => {
  await expect(
    engine.setGates(9, { indices: Uint32Array.of(9_999_999), values: Float32Array.of(1), locks: null }),
  ).rejects.toMatchObject({ code: 'bad-request' });
  await expect(engine.distill('d', small({ lambda: NaN }), nothing)).rejects.toMatchObject({
    code: 'bad-request',
  });
  await expect(
    engine.evaluate('e', { kind: 'merged', lambda: 1, gates: new Float32Array(3) }, 1, nothing),
  ).rejects.toMatchObject({ code: 'bad-request' });
  await expect(makeEngine().gates()).rejects.toMatchObject({ code: 'bad-request' });
});

test('a failed device is said to have failed; connecting again mends the session', async () => {
  recordDeviceFailure('The graphics device was lost (test).');
  await expect(
    engine.answer('a', { image: exampleImage(), question: 'read', lambda: 1, gates: 0.5, maxTokens: 3 }),
  ).rejects.toMatchObject({ code: 'device', retryable: true });
  await engine.connect('wasm');
  const { vlm } = await engine.answer('a', {
    image: exampleImage(),
    question: 'read',
    lambda: 1,
    gates: 0.5,
    maxTokens: 3,
  });
  expect(vlm.tokens).toBeLessThanOrEqual(3);
});
