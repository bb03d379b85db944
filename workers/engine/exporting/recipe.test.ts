/**
 * Recipes and cards from the whole engine on the demo trio: what was measured of exactly these gates, and
 * nothing else.
 */
import { smallDemo } from '../../../test/small-demo.ts';
import { beforeAll, expect, test } from 'vitest';
import { compareRecipe } from '../../../core/recipe/compare.ts';
import { parseRecipe } from '../../../core/recipe/parse.ts';
import type { Recipe } from '../../../core/recipe/recipe.ts';
import type { EngineApi } from '../../../protocol/engine.ts';
import type { Session } from '../../../protocol/session.ts';
import { nodeHost } from '../../backend/host.node.ts';
import { startBackend } from '../../backend/start.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { memoryOutput, type MemoryOutput } from '../../io/output/memory-output.ts';
import { createEngine } from '../create-engine.ts';

let output: MemoryOutput;
const nothing = () => undefined;
let engine: EngineApi;
let session: Session;
const spectra: Float32Array[] = [];

beforeAll(async () => {
  engine = createEngine({
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openManifest: (url) => ({ folder: nodeDirectory(url), file: 'manifest.json' }),
    openOutput: async (_target, name) => (output = memoryOutput(name, 2 ** 30)),
    cache: memoryFactorCache(),
  });
  await engine.connect('wasm');
  session = await engine.open(
    'open',
    { kind: 'manifest', url: smallDemo() },
    (event) => event.type === 'spectrum' && (spectra[event.spectrum.slot] = event.spectrum.singularValues),
  );
});

const small = () => ({ ...session.defaults, steps: 2, batchSize: 4 });
const recipe = async (applied: Recipe | null = null) =>
  parseRecipe(await engine.recipe('r', { run: small(), gates: await engine.gates(), applied }, nothing));
const card = async (applied: Recipe | null = null, maxRank: number | null = null) => {
  await engine.exportMerged(
    'x',
    { run: small(), gates: await engine.gates(), format: { kind: 'adapter', maxRank }, applied },
    { kind: 'archive' },
    nothing,
  );
  return new TextDecoder().decode(output.files.find(({ path }) => path === 'README.md')?.bytes);
};
let revision = 100;
const setFirst = (value: number) =>
  engine.setGates(++revision, { indices: Uint32Array.of(0), values: Float32Array.of(value), locks: null });

test('a recipe has the figures of its gates and λ, loses them with an edit and has them back with its undo', async () => {
  expect(await recipe()).toMatchObject({ metrics: [], run: null, step: 0 });
  expect(await card()).toMatch(
    /none: the gates were set by hand[\s\S]*No score is stated, because none was measured with these gates/,
  );

  await engine.distill('d', small(), nothing);
  const { perception, reasoning } = await engine.evaluate(
    'e',
    { kind: 'merged', lambda: small().lambda, gates: (await engine.gates()).values },
    5,
    nothing,
  );
  await engine.evaluate(
    'of fewer',
    { kind: 'merged', lambda: small().lambda, gates: (await engine.gates()).values },
    2,
    nothing,
  );
  await engine.evaluate('of others', { kind: 'merged', lambda: small().lambda, gates: 1 }, 5, nothing);
  const made = await recipe();
  const metric = (name: string, { correct, total, low, high }: typeof perception) => ({
    name,
    correct,
    total,
    low,
    high,
    backend: 'wasm',
  });
  expect(made.metrics).toEqual([metric('perception', perception), metric('reasoning', reasoning)]);
  expect(made).toMatchObject({
    step: 2,
    run: { steps: 2, backend: 'wasm', losses: { trace: null, composed: null } },
  });
  expect(made.run?.losses.distill).toBeGreaterThan(0);
  const text = await card();
  expect(text).toContain(`| perception | ${(perception.correct / 5).toFixed(3)} |`);
  expect(text).toContain('unknown: see the source');
  expect(text).toMatch(
    /Distilled on wasm\. On the batch of the last step, before the gates moved: L_distill \d/,
  );
  expect(text).not.toContain('license:');
  expect(await card(null, 2)).toContain('The figures belong to the whole change');

  const { values } = await engine.gates();
  await setFirst(0.9);
  expect(await recipe()).toMatchObject({ metrics: [], run: null });
  await setFirst(values[0] ?? 0);
  expect((await recipe()).metrics).toEqual(made.metrics);
  expect(
    parseRecipe(
      await engine.recipe('r', { run: { ...small(), lambda: 0.5 }, gates: await engine.gates() }, nothing),
    ),
  ).toMatchObject({
    metrics: [],
    run: null,
  });

  // A recipe that was opened brings its own figures along, as long as it is still what is exported.
  const applied = { ...made, step: 77, metrics: made.metrics.map((one) => ({ ...one, total: 999 })) };
  await setFirst(0.9);
  expect(await recipe(applied)).toMatchObject({ metrics: [], run: null });
  const [first, ...rest] = applied.slots;
  if (!first) throw new Error('no slots');
  const gates = first.gates.slice();
  gates[0] = Math.fround(0.9);
  const still = { ...applied, slots: [{ ...first, gates }, ...rest] };
  expect(await recipe(still)).toMatchObject({
    step: 77,
    metrics: [{ total: 999 }, { total: 999 }],
    run: { steps: 2 },
  });
  expect(
    await recipe({ ...still, inputs: { ...still.inputs, vlm: { ...still.inputs.vlm, sha256: null } } }),
  ).toMatchObject({ metrics: [] });
});

test('what identify says of the open models agrees with their own recipe', async () => {
  const made = await recipe();
  const identity = await engine.identify('i', nothing);
  const { basis, slots, models } = session;
  const open = { basis, slots, singularValues: spectra, models, identity };
  const { layers, findings } = compareRecipe(made, open);
  expect(new Set(layers.values())).toEqual(new Set(['same']));
  expect(findings.map(({ code }) => code)).toEqual(['same-models']);
  expect(made.slots[0]?.singularValues).toEqual(spectra[0]);
  const cancelled = engine.identify('gone', nothing);
  await engine.cancel('gone');
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
});

test('recipe and export are of the gates that were passed, whatever a hand does meanwhile; others are refused', async () => {
  const gates = await engine.gates();
  const asked = engine.recipe('r', { run: small(), gates }, nothing);
  await setFirst(0.125);
  expect(parseRecipe(await asked).slots[0]?.gates[0]).toBe(gates.values[0]);
  const options = { run: small(), gates, format: { kind: 'checkpoint', maxShardBytes: null } } as const;
  const { recipe: exported } = await engine.exportMerged('x', options, { kind: 'archive' }, nothing);
  expect(parseRecipe(exported).slots[0]?.gates[0]).toBe(gates.values[0]);
  expect((await engine.gates()).values[0]).toBe(0.125);

  const few = { values: gates.values.slice(1), locks: gates.locks.slice(1) };
  const refused = { code: 'bad-request', message: expect.stringMatching(/this session has 3584/) as string };
  await expect(engine.recipe('r', { run: small(), gates: few }, nothing)).rejects.toMatchObject(refused);
  await expect(
    engine.exportMerged('x', { ...options, gates: few }, { kind: 'archive' }, nothing),
  ).rejects.toMatchObject(refused);
});
