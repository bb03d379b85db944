/** Exports of the demo trio: whole models and adapters, opened again, and held against what was previewed. */
import { beforeAll, expect, test } from 'vitest';
import { parseRecipe } from '../../../core/recipe/parse.ts';
import { nodeHost } from '../../backend/host.node.ts';
import { startBackend } from '../../backend/start.ts';
import { openAdapter } from '../../io/checkpoints/adapter.ts';
import { openCheckpoint } from '../../io/checkpoints/checkpoint.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { memoryFolder, memorySource } from '../../io/folders/memory-folder.ts';
import { createEngine } from '../create-engine.ts';
import {
  demo,
  cache,
  exported,
  openOutput,
  archive,
  asOptions,
  makeEngine,
  nothing,
  source,
  engine,
  session,
  openText,
  exampleImage,
  small,
  file,
} from '../testing/demo-engine.node.ts';

beforeAll(async () => {
  // Gates of all sizes, some of them locked, as after a run that a hand took part in.
  const indices = Uint32Array.from((await engine.gates()).values.keys());
  await engine.setGates(1, {
    indices,
    values: Float32Array.from(indices, (i) => (i % 11) / 10),
    locks: Uint8Array.from(indices, (i) => Number(i % 3 === 0)),
  });
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
  const { merged: asked } = await engine.answer(
    'a',
    {
      image: exampleImage(),
      question: check.checks[0]?.prompt ?? '',
      lambda: options.lambda,
      gates: values,
      maxTokens: 22,
    },
    () => undefined,
  );
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
  const { vlm: answer } = await again.answer(
    'a',
    {
      image: exampleImage(),
      question: check.checks[0]?.prompt ?? '',
      lambda: 0,
      gates: 0,
      maxTokens: 22,
    },
    () => undefined,
  );
  expect(answer.text).toBe(check.checks[0]?.answer.text);
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
