/** A subspace budget from the engine's outside, on the demo trio. */
import { smallDemo } from '../../../test/small-demo.ts';
import type { Role } from '../../../core/family/trio.ts';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { factorBytes } from '../../../core/gates/factor-memory.ts';
import { makeLayout } from '../../../core/gates/field.ts';
import { parseRecipe } from '../../../core/recipe/parse.ts';
import { decodeFloat32 } from '../../../core/safetensors/decode.ts';
import type { EngineApi } from '../../../protocol/engine.ts';
import type { DistillOptions } from '../../../core/objective/options.ts';
import type { Session } from '../../../protocol/session.ts';
import { nodeHost } from '../../backend/host.node.ts';
import { startBackend } from '../../backend/start.ts';
import { openCheckpoint } from '../../io/checkpoints/checkpoint.ts';
import type { Checkpoint } from '../../io/contract.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { memoryFolder } from '../../io/folders/memory-folder.ts';
import { memoryOutput, type MemoryOutput } from '../../io/output/memory-output.ts';
import { chosenStream } from '../../../core/merging/choose.ts';
import { mergeStream } from '../../merge/stream.ts';
import { createEngine } from '../create-engine.ts';

const demo = smallDemo();
const nothing = () => undefined;
const k = 16;

/** What was exported last. */
let written: MemoryOutput;
let engine: EngineApi;
let session: Session;
let checkpoints: Record<Role, Checkpoint>;

beforeAll(async () => {
  engine = createEngine({
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openManifest: (url) => ({ folder: nodeDirectory(url), file: 'manifest.json' }),
    openOutput: async (_target, name) => (written = memoryOutput(name, 2 ** 30)),
    cache: memoryFactorCache(),
  });
  await engine.connect('wasm');
  session = await engine.open('open', { kind: 'manifest', url: demo }, nothing);
  const open = (role: string) => openCheckpoint(nodeDirectory(`${demo}/${role}`));
  checkpoints = { base: await open('base'), vlm: await open('vlm'), lrm: await open('lrm') };
});

const options = (part: Partial<DistillOptions> = {}): DistillOptions => ({
  ...session.defaults,
  steps: 3,
  batchSize: 4,
  ...part,
});
const allGates = async (gates: Float32Array): Promise<void> =>
  engine.setGates(1, { indices: Uint32Array.from(gates.keys()), values: gates, locks: null });
const exportNow = async () =>
  engine.exportMerged(
    'x',
    { run: options(), gates: await engine.gates(), format: { kind: 'checkpoint', maxShardBytes: null } },
    { kind: 'archive' },
    nothing,
  );
const exportedWeights = async (): Promise<Checkpoint> => {
  await exportNow();
  return openCheckpoint(
    memoryFolder('merged', Object.fromEntries(written.files.map(({ path, bytes }) => [path, bytes]))),
  );
};
const exportedFile = (path: string): Uint8Array =>
  written.files.find((file) => file.path === path)?.bytes ?? new Uint8Array();

/**
 * Largest distance of two stored tensors in units of float16's spacing, and how many values differ at all.
 */
async function apart(a: Checkpoint, b: Checkpoint, name: string): Promise<{ units: number; share: number }> {
  const [left, right] = [
    new Uint16Array((await a.readRaw(name)).slice().buffer),
    new Uint16Array((await b.readRaw(name)).slice().buffer),
  ];
  // Signed by magnitude, so that neighbours are one apart also around zero.
  const rank = (bits: number) => (bits & 0x8000 ? -(bits & 0x7fff) : bits);
  let units = 0;
  let differing = 0;
  for (let i = 0; i < left.length; i++) {
    const distance = Math.abs(rank(left[i] ?? 0) - rank(right[i] ?? 0));
    units = Math.max(units, distance);
    differing += distance > 0 ? 1 : 0;
  }
  return { units, share: differing / left.length };
}

test('a budget makes 17 gates of 128, keeps the mean energy-wise, and says so in the session', async () => {
  const gates = Float32Array.from({ length: session.layout.size }, (_, i) => ((i * 13) % 10) / 10);
  await allGates(gates);
  const { layout, gates: mapped } = await engine.setBudget('b', k);
  expect(layout).toEqual(makeLayout(session.slots, k));
  expect(layout.size).toBe(28 * 17);
  expect(mapped.values.subarray(0, k)).toEqual(gates.subarray(0, k));
  expect(mapped.values[k]).toBeGreaterThan(0);
  expect((await engine.gates()).values).toEqual(mapped.values);
  await expect(engine.evaluate('e', { kind: 'merged', lambda: 1, gates }, 1, nothing)).rejects.toMatchObject({
    code: 'bad-request',
    message: expect.stringContaining('this session has 476'),
  });
});

test('merging with a budget equals the full rank with equal gates in the tail, within one float16 rounding', async () => {
  const { layout } = await engine.setBudget('b', k);
  const gates = Float32Array.from({ length: layout.size }, (_, i) => ((i * 7) % 11) / 10);
  await allGates(gates);
  const tailed = await exportedWeights();
  // Growing copies the tail's gate to every subspace it stood for.
  await engine.setBudget('b', null);
  const whole = await exportedWeights();
  for (const { tensors } of session.slots) {
    const { units, share } = await apart(tailed, whole, tensors.vlm);
    expect(units, tensors.vlm).toBeLessThanOrEqual(1);
    expect(share, tensors.vlm).toBeLessThan(0.01);
  }
  // Back, nothing was lost; and a budget that reaches the rank is none, bit for bit.
  expect((await engine.setBudget('b', k)).gates.values).toEqual(gates);
  const reached = await engine.setBudget('b', 128);
  expect(reached.layout).toEqual(session.layout);
  const exact = await exportedWeights();
  for (const { tensors } of session.slots)
    expect(await exact.readRaw(tensors.vlm)).toEqual(await whole.readRaw(tensors.vlm));
});

test('all gates 1 are task arithmetic within rounding, all gates 0 the VLM byte for byte', async () => {
  const { layout } = await engine.setBudget('b', k);
  await allGates(new Float32Array(layout.size).fill(1));
  const merged = await exportedWeights();
  for (const { tensors } of session.slots) {
    const pieces: Uint8Array[] = [];
    const input = (role: Role) => ({
      checkpoint: checkpoints[role],
      tensor: tensors[role],
    });
    const { method, settings } = chosenStream({
      id: 'task-arithmetic',
      settings: { lambda: options().lambda },
    });
    for await (const piece of mergeStream(method, settings, {
      vlm: input('vlm'),
      lrm: input('lrm'),
      base: input('base'),
    }))
      pieces.push(piece);
    const expected = decodeFloat32('F16', Uint8Array.from(pieces.flatMap((piece) => [...piece])));
    const values = await merged.readFloat32(tensors.vlm);
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    // One float16 rounding, or what float32 leaves of the cancellation around zero.
    const outside = values.findIndex(
      (value, i) =>
        !(Math.abs(value - (expected[i] ?? NaN)) <= Math.max(Math.abs(value) * 2 ** -10, largest * 1e-6)),
    );
    expect(outside, tensors.vlm).toBe(-1);
    expect(values).toHaveLength(expected.length);
  }
  await allGates(new Float32Array(layout.size));
  const closed = await exportNow();
  expect(closed.changed).toBe(0);
  const stored = await nodeDirectory(`${demo}/vlm`).open('model.safetensors');
  expect(
    Buffer.from((await stored?.read(0, stored.sizeBytes)) ?? []).equals(exportedFile('model.safetensors')),
  ).toBe(true);
});

test('a run trains the tail’s gate too, or leaves it where it is locked; what is exported is what answered', async () => {
  const { layout } = await engine.setBudget('b', k);
  await allGates(new Float32Array(layout.size).fill(0.5));
  const tail = (layout.slots[3]?.offset ?? 0) + k;
  await engine.setGates(5, {
    indices: Uint32Array.of(tail),
    values: Float32Array.of(0.75),
    locks: Uint8Array.of(1),
  });
  await engine.distill('d', options({ beta: 0.5 }), nothing);
  const { values } = await engine.gates();
  expect(values[tail]).toBe(0.75);
  layout.slots.forEach(({ offset }, index) => index !== 3 && expect(values[offset + k]).not.toBe(0.5));

  const report = await exportNow();
  const recipe = parseRecipe(report.recipe);
  expect(recipe).toMatchObject({ budget: k });
  expect(recipe.slots.flatMap(({ gates }) => [...gates])).toEqual([...values]);
  expect(recipe.slots[3]).toMatchObject({ rank: 128 });
  expect(recipe.slots[3]?.locks[k]).toBe(1);
  const read = (path: string) => new TextDecoder().decode(exportedFile(path));
  expect(read('README.md')).toContain(
    '476 in 28 layers, one for each of the 16 strongest subspaces of a layer and one for its others',
  );
  const check = JSON.parse(read('studio-check.json')) as {
    checks: { prompt: string; answer: { text: string } }[];
  };
  const image = session.forward.available ? session.forward.examples[0]?.image : undefined;
  if (!image) throw new Error('the demo has no example image');
  const { merged } = await engine.answer(
    'a',
    {
      image,
      question: check.checks[0]?.prompt ?? '',
      lambda: options().lambda,
      gates: (await engine.gates()).values,
      maxTokens: 22,
    },
    () => undefined,
  );
  expect(merged.text).toBe(check.checks[0]?.answer.text);
});

test('the device holds what was promised, less with a smaller budget, and nothing of the form before', async () => {
  const held = async (budget: number | null): Promise<number> => {
    const { layout } = await engine.setBudget('b', budget);
    const without = tf.memory().numBytes;
    await engine.evaluate('e', { kind: 'merged', lambda: 1, gates: 1 }, 1, nothing);
    expect(tf.memory().numBytes - without).toBe(factorBytes(layout, session.slots));
    return tf.memory().numBytes - without;
  };
  const [full, sixteen, four] = [await held(null), await held(16), await held(4)];
  expect(sixteen).toBeLessThan(full);
  expect(four).toBeLessThan(sixteen);
  expect(await held(null)).toBe(full);
});

test('is refused during a run, in words, and where it is no budget; the gates stay', async () => {
  const { layout } = await engine.setBudget('b', k);
  for (const wrong of [0, -3, 2.5, NaN])
    await expect(engine.setBudget('b', wrong)).rejects.toMatchObject({ code: 'bad-request' });
  const running = engine.distill('d', options({ steps: 50 }), nothing);
  await expect(engine.setBudget('b', 8)).rejects.toMatchObject({
    code: 'busy',
    message: 'A distillation is going on. Stop it before changing how many subspaces have a gate.',
  });
  await engine.pause();
  await expect(engine.setBudget('b', null)).rejects.toMatchObject({ code: 'busy' });
  await engine.stop();
  await running;
  expect((await engine.gates()).values).toHaveLength(layout.size);
});
