/**
 * Opening a recipe in the store, against the fake engine: compared, applied as one edit with budget and
 * options, taken back by one undo.
 */
import { describe, expect, test } from 'vitest';
import { all, at, opened, source } from '../../test/opened-store.ts';
import { createFakeEngine } from '../client/fake-engine.ts';
import { fakeDefaults, fakeIdentity, fakeSession, fakeSpectrum } from '../client/fake-session.ts';
import { StudioError } from '../../core/errors.ts';
import { svdBasis } from '../../core/gates/basis.ts';
import { gateCount } from '../../core/gates/field.ts';
import { encodeRecipe } from '../../core/recipe/encode.ts';
import type { Recipe } from '../../core/recipe/recipe.ts';
import { createStudioStore } from './store.ts';

const session = fakeSession('any', 'any');
const identity = fakeIdentity(session);

function makeRecipe(part: Partial<Recipe> = {}, budget: number | null = null): Recipe {
  const { base, vlm, lrm } = session.models;
  const input = (model: typeof base, role: keyof typeof identity.inputs) => ({
    label: model.label,
    architecture: model.architecture,
    sha256: identity.inputs[role],
  });
  return {
    studio: '0.1.0',
    method: 'frism',
    inputs: { base: input(base, 'base'), vlm: input(vlm, 'vlm'), lrm: input(lrm, 'lrm') },
    options: { ...fakeDefaults, lambda: 0.7, seed: 9, gateMax: 2 },
    kernel: identity.kernel,
    step: 40,
    basis: svdBasis,
    budget,
    slots: session.slots.map(({ id, rank }, i) => {
      const gates = new Float32Array(gateCount(rank, budget)).fill(0.25);
      gates[0] = 1.5;
      const locks = new Uint8Array(gates.length);
      locks[1] = 1;
      return { id, rank, gates, locks, factors: identity.factors[i] ?? null, singularValues: null };
    }),
    metrics: [],
    run: null,
    preset: null,
    findings: [],
    ...part,
  };
}
const file = (recipe: Recipe, name = 'recipe.json') =>
  Object.assign(new Blob([encodeRecipe(recipe)]), { name });

describe('opening a recipe', () => {
  test('is compared first and changes nothing; applied, one undo takes gates, locks and options back', async () => {
    const { now, engine } = await opened();
    now().editGates('Mine', at(7), all(1, 0.125), true);
    const before = { gates: now().gates, options: now().options };
    await now().openRecipe([file(makeRecipe())]);
    expect(now()).toMatchObject({
      dialog: 'recipe',
      recipe: { status: 'ready', identity: { kernel: 'fake 1' } },
    });
    expect(now().gates).toBe(before.gates);

    await now().applyRecipe(false);
    expect(now()).toMatchObject({
      dialog: null,
      options: { lambda: 0.7, seed: 9, gateMax: 2 },
      recipe: { status: 'none', applied: { step: 40 } },
    });
    expect([...now().gates.values.subarray(0, 2), now().gates.locks[0], now().gates.locks[1]]).toEqual([
      1.5, 0.25, 0, 1,
    ]);
    expect(now().undoStack.at(-1)?.label).toBe('Open recipe.json');

    now().undo();
    expect(now().options).toEqual(before.options);
    expect(now().gates).toEqual(before.gates);
    await expect.poll(async () => (await engine.gates()).values[7]).toBe(0.125);
    now().redo();
    expect([now().options.lambda, now().gates.values[0]]).toEqual([0.7, 1.5]);
    now().undo();
    now().undo();
    expect(now().gates.values[7]).toBe(0.5);
  });

  test('of another basis is refused in words that name the basis and the way that it goes, and changes nothing', async () => {
    const { now } = await opened();
    const before = now();
    for (const [basis, named] of [
      [{ id: 'random', seed: 3 }, 'random orthonormal directions (seed 3)'],
      [{ id: 'neurons', seed: null }, 'neurons'],
    ] as const) {
      await now().openRecipe([file(makeRecipe({ basis }))]);
      expect(now().recipe).toMatchObject({ status: 'failed', recipe: null, error: { code: 'unsupported' } });
      expect(now().recipe.error?.message).toBe(
        `The gates of recipe.json are of another basis than the singular vectors of the task vectors: ${named}. This page shows gates of the singular vectors only, and on them the gates would mean something else. On the command line, frism export --recipe applies this recipe, and frism evaluate --recipe measures it.`,
      );
    }
    expect(now().gates).toBe(before.gates);
    expect(now().dialog).toBe(before.dialog);
  });

  test('with another budget: the layout follows, back and forth, under the same history', async () => {
    const { now, engine } = await opened();
    now().editGates('Mine', at(7), all(1, 0.125), true);
    await now().openRecipe([file(makeRecipe({}, 16))]);
    await now().applyRecipe(false);
    expect(now().session?.layout).toMatchObject({ budget: 16, size: 28 * 17 });
    expect(now().gates.values).toHaveLength(28 * 17);
    expect(now().undoStack.map(({ label }) => label)).toEqual(['Mine', 'Open recipe.json']);
    now().undo();
    await expect.poll(() => now().session?.layout.budget).toBeNull();
    await expect.poll(() => now().undoStack.length).toBe(1);
    expect([
      now().gates.values.length,
      now().gates.values[7],
      now().gates.locks[7],
      now().options.lambda,
    ]).toEqual([28 * 128, 0.125, 1, 1.2]);
    now().undo();
    expect(now().gates.values[7]).toBe(0.5);
    now().redo();
    now().redo();
    await expect.poll(() => now().redoStack.length).toBe(0);
    await expect.poll(async () => (await engine.gates()).values.length).toBe(28 * 17);
    expect(now().gates.values[0]).toBe(1.5);
  });

  test('undo leaves what was set by hand after it', async () => {
    const { now } = await opened();
    await now().openRecipe([file(makeRecipe())]);
    await now().applyRecipe(false);
    now().setOptions({ steps: 33 });
    now().undo();
    expect(now().options).toMatchObject({ steps: 33, lambda: 1.2, seed: 1 });
  });

  test('applies what fits and keeps the gates of the rest; other subspaces only when asked to', async () => {
    const { now } = await opened();
    const made = makeRecipe();
    const [first, second, third] = made.slots.map((slot, i) => {
      const spectrum = fakeSpectrum(session.slots[i] as (typeof session.slots)[number], i).singularValues;
      return {
        ...slot,
        factors: 'f'.repeat(64),
        singularValues: i === 0 ? spectrum.map((sigma) => 2 * sigma) : spectrum,
      };
    });
    if (!first || !second || !third) throw new Error('no slots');
    const other: Recipe = {
      ...made,
      inputs: { ...made.inputs, lrm: { ...made.inputs.lrm, sha256: 'e'.repeat(64) } },
      slots: [first, second, { ...third, id: 'layers.9.mlp.up_proj' }],
    };
    await now().openRecipe([file(other)]);
    await now().applyRecipe(false);
    const gateOf = (slot: number) => now().gates.values[now().session?.layout.slots[slot]?.offset ?? -1];
    expect([gateOf(0), gateOf(1), gateOf(2)]).toEqual([0.5, 1.5, 0.5]);
    await now().openRecipe([file(other)]);
    await now().applyRecipe(true);
    expect([gateOf(0), gateOf(1), gateOf(2)]).toEqual([1.5, 1.5, 0.5]);
  });

  test('waits where no models are open, and is compared when some are', async () => {
    const store = createStudioStore(createFakeEngine({ stepMs: 0 }));
    const now = store.getState;
    await now().connect();
    await now().openRecipe([file(makeRecipe())]);
    expect(now()).toMatchObject({ dialog: 'recipe', recipe: { status: 'waiting' }, session: null });
    await now().open(source);
    await expect.poll(() => now().recipe.status).toBe('ready');
    await now().applyRecipe(false);
    expect(now().gates.values[0]).toBe(1.5);
  });

  test('a run, a bad file, a skipped or failing comparison: each is said, and nothing is lost', async () => {
    let failing = false;
    let holding = false;
    let release = (): void => undefined;
    const { now } = await opened({ stepMs: 2 }, (engine) => ({
      ...engine,
      identify: async (...args) => {
        if (holding) await new Promise<void>((resolve) => (release = resolve));
        if (failing) throw new StudioError('missing', 'The file is gone.');
        return engine.identify(...args);
      },
    }));
    const gates = now().gates;
    await now().openRecipe([
      file(makeRecipe(), 'photo.json'),
      Object.assign(new Blob(['no weights']), { name: 'a.safetensors' }),
    ]);
    expect(now()).toMatchObject({ recipe: { status: 'failed' }, dialog: null });
    await now().openRecipe([
      Object.assign(new Blob(['no weights']), { name: 'a.safetensors' }),
      file(makeRecipe()),
    ]);
    expect(now().recipe).toMatchObject({ status: 'ready', name: 'recipe.json' });

    holding = true;
    const checking = now().openRecipe([file(makeRecipe())]);
    await expect.poll(() => now().recipe.status).toBe('checking');
    now().skipRecipeCheck();
    release();
    await checking;
    holding = false;
    expect(now().recipe).toMatchObject({ status: 'ready', identity: null, error: null });
    failing = true;
    await now().openRecipe([file(makeRecipe())]);
    expect(now().recipe).toMatchObject({ status: 'ready', error: { message: 'The file is gone.' } });
    now().dropRecipe();
    expect(now()).toMatchObject({ dialog: null, recipe: { status: 'none' } });
    expect(now().gates).toBe(gates);

    failing = false;
    await now().openRecipe([file(makeRecipe())]);
    const running = now().play();
    await expect.poll(() => now().run.state).toBe('running');
    await now().applyRecipe(false);
    expect(now().options.lambda).toBe(1.2);
    expect(now().toasts.at(-1)?.text).toMatch(/A run is going on\. Stop the run/);
    await now().stop();
    await running;
  });

  test('what is exported afterwards is told which recipe it was', async () => {
    const told: unknown[] = [];
    const { now } = await opened({}, (engine) => ({
      ...engine,
      exportMerged: (job, options, ...rest) => (
        told.push(options.applied?.step ?? null),
        engine.exportMerged(job, options, ...rest)
      ),
    }));
    await now().exportMerged({ kind: 'archive' }, { kind: 'checkpoint', maxShardBytes: null });
    await now().openRecipe([file(makeRecipe())]);
    await now().applyRecipe(false);
    await now().exportMerged({ kind: 'archive' }, { kind: 'checkpoint', maxShardBytes: null });
    expect(told).toEqual([null, 40]);
  });
});
