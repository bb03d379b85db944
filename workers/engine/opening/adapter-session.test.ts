/**
 * A session with a LoRA adapter as the reasoning model: decomposed by its factors, against numpy on B·A and
 * against the weights that peft merges.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { readArrays } from '../../../test/checkpoint.ts';
import { readJsonFixture } from '../../../test/fixtures.ts';
import { measureSpectrum } from '../../../core/spectrum/measures.ts';
import { parseRecipe } from '../../../core/recipe/parse.ts';
import type { EngineApi } from '../../../protocol/engine.ts';
import type { OpenEvent } from '../../../protocol/events.ts';
import type { FolderSource, Session, SlotSpectrum } from '../../../protocol/session.ts';
import { nodeHost } from '../../backend/host.node.ts';
import { startBackend } from '../../backend/start.ts';
import { openAdapter } from '../../io/checkpoints/adapter.ts';
import { openCheckpoint } from '../../io/checkpoints/checkpoint.ts';
import type { Checkpoint } from '../../io/contract.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { memoryFolder } from '../../io/folders/memory-folder.ts';
import { memoryOutput, type MemoryOutput } from '../../io/output/memory-output.ts';
import { createEngine } from '../create-engine.ts';

const place = (name: string) => nodeDirectory(`zoo/reference/adapter/${name}`, name);
const nothing = () => undefined;

async function folder(name: string, ...paths: string[]): Promise<FolderSource> {
  const files = paths.map(async (path) => {
    const source = await place(name).open(path);
    return { path, file: new Blob([await source!.read(0, source!.sizeBytes)]) };
  });
  return { label: name, files: await Promise.all(files) };
}

let base: Checkpoint;
let merged: Awaited<ReturnType<typeof readArrays>>;
let spectra: Readonly<Record<string, readonly number[]>>;
beforeAll(async () => {
  base = await openCheckpoint(place('base'));
  merged = await readArrays('zoo/reference/adapter/merged.safetensors');
  ({ spectra } = await readJsonFixture<{ spectra: typeof spectra }>('zoo/reference/adapter/spectra.json'));
});

const cache = memoryFactorCache();
let exported: MemoryOutput;

async function openWith(adapter: string) {
  const engine = createEngine({
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openManifest: () => ({ folder: place('base'), file: 'none' }),
    openOutput: async (_target, name) => (exported = memoryOutput(name, 2 ** 30)),
    cache,
  });
  await engine.connect('wasm');
  const whole = await folder('base', 'config.json', 'model.safetensors');
  const events: OpenEvent[] = [];
  const source = {
    kind: 'folders',
    base: whole,
    vlm: whole,
    lrm: await folder(adapter, 'adapter_config.json', 'adapter_model.safetensors'),
  } as const;
  const session = await engine.open('open', source, (event) => events.push(event));
  return {
    engine,
    session,
    spectra: events.flatMap((event) => (event.type === 'spectrum' ? [event.spectrum] : [])),
  };
}

async function setAll(engine: EngineApi, { layout }: Session, gate: number): Promise<void> {
  await engine.setGates(1, {
    indices: Uint32Array.from({ length: layout.size }, (_, i) => i),
    values: new Float32Array(layout.size).fill(gate),
    locks: null,
  });
}

const asFolder = () =>
  memoryFolder('exported', Object.fromEntries(exported.files.map(({ path, bytes }) => [path, bytes])));
const run = (session: Session, lambda: number) => ({ ...session.defaults, lambda });

describe.each([
  ['plain', 14],
  ['rslora', 14],
  ['patterns', 8],
])('the adapter %s', (name, layers) => {
  let opened: {
    readonly engine: EngineApi;
    readonly session: Session;
    readonly spectra: readonly SlotSpectrum[];
  };
  beforeAll(async () => {
    opened = await openWith(name);
  });

  test('has as many gates as its factors have ranks, and the singular values that numpy finds of B·A', () => {
    const { session } = opened;
    expect(session.slots).toHaveLength(layers);
    expect(opened.spectra.every(({ exact }) => exact)).toBe(true);
    for (const [index, { rank, shape, tensors }] of session.slots.entries()) {
      const expected = spectra[`${name}/${tensors.lrm}`] ?? [];
      expect(rank).toBe(expected.length);
      expect(session.layout.slots[index]).toMatchObject({ rank, gates: rank });
      const { singularValues = new Float32Array(0), measures } =
        opened.spectra.find(({ slot }) => slot === index) ?? {};
      expect(singularValues).toHaveLength(rank);
      expected.forEach((value, i) =>
        expect(Math.abs((singularValues[i] ?? NaN) - value), `${tensors.lrm} σ${i}`).toBeLessThan(
          5e-7 * (expected[0] ?? 0),
        ),
      );
      // The rest of the spectrum is known to be 0, as `frism spectra` prints it.
      const whole = Float32Array.from({ length: Math.min(...shape) }, (_, i) => singularValues[i] ?? 0);
      expect(measures).toEqual(measureSpectrum({ sigma: whole, rows: shape[0], columns: shape[1] }));
      if (2 * rank < whole.length) expect(measures?.noiseEdge).toBe(0);
    }
    expect(session.layout.size).toBe(
      Object.keys(spectra).reduce(
        (sum, key) => sum + (key.startsWith(`${name}/`) ? (spectra[key]?.length ?? 0) : 0),
        0,
      ),
    );
  });

  test('merged with all gates and λ at 1 makes the weights that peft makes, and leaves every other tensor as it is', async () => {
    const { engine, session } = opened;
    await setAll(engine, session, 1);
    const report = await engine.exportMerged(
      'x',
      {
        run: run(session, 1),
        gates: await engine.gates(),
        format: { kind: 'checkpoint', maxShardBytes: null },
      },
      { kind: 'archive' },
      nothing,
    );
    expect(report).toMatchObject({ changed: layers, untouched: base.tensors.size - layers });
    const made = await openCheckpoint(asFolder());
    const touched = new Set(session.slots.map(({ tensors }) => tensors.vlm));
    for (const tensor of base.tensors.keys()) {
      if (!touched.has(tensor)) {
        expect(await made.readRaw(tensor)).toEqual(await base.readRaw(tensor));
        continue;
      }
      const expected = merged(`${name}/${tensor}`).data;
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      (await made.readFloat32(tensor)).forEach((value, i) =>
        expect(Math.abs(value - (expected[i] ?? 0)), `${tensor}[${i}]`).toBeLessThan(1e-6 * largest),
      );
    }
  });

  test('leaves as an adapter of the same ranks again, which makes the same weights', async () => {
    const { engine, session } = opened;
    await setAll(engine, session, 1);
    await engine.exportMerged(
      'x',
      { run: run(session, 1), gates: await engine.gates(), format: { kind: 'adapter', maxRank: null } },
      { kind: 'archive' },
      nothing,
    );
    const again = await openAdapter(asFolder(), base);
    for (const { tensors, rank } of session.slots) {
      expect(again.adapted?.get(tensors.vlm)?.rank).toBe(rank);
      const expected = merged(`${name}/${tensors.vlm}`).data;
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      (await again.readFloat32(tensors.vlm)).forEach((value, i) =>
        expect(Math.abs(value - (expected[i] ?? 0))).toBeLessThan(1e-6 * largest),
      );
    }
  });

  test('has a recipe whose layers have those ranks, and is found in the cache when it is opened again', async () => {
    const { engine, session } = opened;
    const recipe = parseRecipe(
      await engine.recipe('r', { run: session.defaults, gates: await engine.gates() }, nothing),
    );
    expect(recipe.slots.map(({ rank, gates }) => [rank, gates.length])).toEqual(
      session.slots.map(({ rank }) => [rank, rank]),
    );
    expect(recipe.inputs.lrm.sha256).not.toBe(recipe.inputs.base.sha256);
    const second = await openWith(name);
    expect(second.spectra.every(({ cached }) => cached)).toBe(true);
    expect(second.spectra.map(({ slot, singularValues }) => [slot, ...singularValues]).toSorted()).toEqual(
      opened.spectra.map(({ slot, singularValues }) => [slot, ...singularValues]).toSorted(),
    );
  });
});

test('random directions turn within an adapter’s subspaces, as many as they are; other bases are refused by name', async () => {
  const { engine, session } = await openWith('plain');
  const turned = await engine.setBasis('b', { id: 'random', seed: 1 }, () => undefined);
  expect(turned.layout).toEqual(session.layout);
  for (const id of ['neurons', 'svd-base', 'svd-vlm'] as const)
    await expect(engine.setBasis('b', { id, seed: null }, () => undefined)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/as an adapter’s has, and \d+ directions of the basis of/),
    });
  expect((await engine.setBasis('b', { id: 'random', seed: 1 }, () => undefined)).basis.id).toBe('random');
});

test('layers that an adapter does not touch have no gates and are reported', async () => {
  const { session } = await openWith('patterns');
  const finding = session.pairing.findings.find(({ code }) => code === 'not-in-adapter');
  expect(finding).toMatchObject({
    severity: 'info',
    message: '6 of 14 linear layers are not touched by the adapter.',
  });
  expect(finding?.tensors.every((name) => name.includes('.mlp.'))).toBe(true);
  expect(session.slots.every(({ id }) => id.includes('self_attn'))).toBe(true);
  expect((await openWith('plain')).session.pairing.findings.map(({ code }) => code)).not.toContain(
    'not-in-adapter',
  );
});

test('an adapter is decomposed without a byte of the base', async () => {
  const { decompose } = await import('../decomposing/decompose.ts');
  const { pairModels } = await import('../../../core/family/pair-models.ts');
  const { readModelSpec } = await import('../../../core/family/read-spec.ts');
  const lrm = await openAdapter(place('plain'), base);
  const paired = ({ label, config, tensors, adapted }: Checkpoint) => ({
    label,
    spec: readModelSpec(config, tensors.keys()),
    tensors,
    adapted,
  });
  const { slots } = pairModels({ base: paired(base), vlm: paired(base), lrm: paired(lrm) });
  const unread: Checkpoint = {
    ...base,
    readRaw: () => Promise.reject(new Error('read')),
    readRange: () => Promise.reject(new Error('read')),
    readFloat32: () => Promise.reject(new Error('read')),
  };
  const store = await decompose({
    checkpoints: { base: unread, vlm: unread, lrm },
    slots,
    cache: memoryFactorCache(),
    workers: { spawn: null, count: 1 },
    onEvent: nothing,
    signal: new AbortController().signal,
  });
  expect(store.slots.map(({ rank, s }) => [rank, s.length])).toEqual(slots.map(() => [4, 4]));
});
