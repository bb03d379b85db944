/** A recipe after an interruption: what was measured before it is given back, and to no other models. */
import { beforeEach, expect, test } from 'vitest';
import type { KeptFigures } from '../../../core/recipe/kept-figures.ts';
import type { EngineApi } from '../../../protocol/engine.ts';
import { engine, makeEngine, nothing, small, source } from '../testing/demo-engine.node.ts';

/** Another engine, with a session of its own. */
let other: EngineApi;

beforeEach(async () => {
  other = makeEngine();
  await other.connect('wasm');
  await other.open('open', source, nothing);
});

const recipeOf = async (of: EngineApi): Promise<string> =>
  of.recipe('recipe', { run: small(), gates: await engine.gates() }, nothing);
const measure = async (limit: number, of = engine) =>
  of.evaluate(
    'measure',
    { kind: 'merged', lambda: small().lambda, gates: (await engine.gates()).values },
    limit,
    nothing,
  );

test('with its figures given back, a recipe of another engine is the same to the letter', async () => {
  expect(await engine.figures()).toBeNull();
  await engine.distill('run', small({ steps: 2 }), nothing);
  await measure(3);
  const recipe = await recipeOf(engine);
  expect(JSON.parse(recipe)).toMatchObject({
    step: 2,
    metrics: [{ total: 3 }, { total: 3 }],
    run: { steps: 2 },
  });
  const kept = structuredClone(await engine.figures());
  if (!kept) throw new Error('there are no figures');

  const without = JSON.parse(await recipeOf(other)) as object;
  expect(without).toMatchObject({ step: 0, metrics: [] });
  expect(without).not.toHaveProperty('run');
  await other.restoreFigures(kept);
  expect(await recipeOf(other)).toBe(recipe);
  expect(await other.figures()).toEqual(kept);
});

test('those of a method without gates come back too', async () => {
  const method = { id: 'task-arithmetic', settings: { lambda: 0.5 } } as const;
  await engine.evaluate('measure', { kind: 'method', method }, 2, nothing);
  const kept = await engine.figures();
  await other.restoreFigures(structuredClone(kept) as KeptFigures);
  expect(await other.figures()).toEqual(kept);
});

test('what was measured since is not overwritten', async () => {
  await measure(2);
  const before = await engine.figures();
  await measure(5);
  const recipe = await recipeOf(engine);
  await engine.restoreFigures(structuredClone(before) as KeptFigures);
  expect(await recipeOf(engine)).toBe(recipe);
});

test('figures of other weights and damaged ones are refused, and none of them is taken', async () => {
  await measure(2);
  const kept = (await engine.figures()) as KeptFigures;
  const [score] = kept.scores;
  const hash = '0'.repeat(64);
  for (const wrong of [
    { ...kept, vlm: hash },
    { ...kept, factors: hash },
  ])
    await expect(other.restoreFigures(wrong)).rejects.toMatchObject({ code: 'mismatch' });
  for (const damaged of [
    { ...kept, more: 1 },
    { ...kept, factors: 'x' },
    { ...kept, steps: -1 },
    { ...kept, scores: [{ ...score, of: 7 }] },
    { ...kept, scores: [{ ...score, metrics: [{ ...score?.metrics[0], correct: 9 }] }] },
    { ...kept, scores: [{ ...score, metrics: [{ ...score?.metrics[0], low: NaN }] }] },
    { ...kept, scores: Array.from({ length: 300 }, () => score) },
    { ...kept, runs: [{ of: 'x', run: { steps: 1 } }] },
    null,
  ])
    await expect(other.restoreFigures(damaged as unknown as KeptFigures)).rejects.toMatchObject({
      code: 'bad-file',
    });
  expect(await other.figures()).toBeNull();
});
