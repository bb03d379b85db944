/** What commands that compute share: the trio's options, an engine with the trio open, settings in kebab-case, a recipe laid on. */
import { readFile } from 'node:fs/promises';
import { initialField, type GateLayout } from '../src/core/gates/field.ts';
import { compareRecipe } from '../src/core/recipe/compare.ts';
import { fitRecipe } from '../src/core/recipe/fit.ts';
import { parseRecipe } from '../src/core/recipe/parse.ts';
import type { Recipe } from '../src/core/recipe/recipe.ts';
import { StudioError } from '../src/core/errors.ts';
import type { EngineApi } from '../src/protocol/engine.ts';
import type { DistillOptions, Session, SlotSpectrum } from '../src/protocol/session.ts';
import { kernelVersion } from '../workers/kernels/svd/svd.ts';
import type { Context } from './command.ts';
import { nodeEngine, trioSource } from './engine.ts';
import { readSettings, trioOptions } from './options.ts';
import { UsageError, type Given, type OptionSpec } from './usage.ts';

/** Three folders, or a manifest that also brings calibration images and test sets. */
export const sessionOptions: Readonly<Record<string, OptionSpec>> = {
  manifest: { value: 'FILE|DIR', about: 'manifest.json of a trio with calibration and test sets, in place of the three folders' },
  ...Object.fromEntries(Object.entries(trioOptions).map(([name, spec]) => [name, { ...spec, required: false }])),
};

/** Setting → option; the paper's names. */
const settingNames = {
  lambda: 'lambda',
  alpha: 'alpha',
  beta: 'beta',
  gamma: 'gamma',
  'learning-rate': 'learningRate',
  steps: 'steps',
  'batch-size': 'batchSize',
  seed: 'seed',
  'gate-max': 'gateMax',
} as const satisfies Readonly<Record<string, keyof DistillOptions>>;

export const settings = Object.keys(settingNames);

export interface OpenedSession {
  readonly engine: EngineApi;
  readonly session: Session;
  /** By slot. */
  readonly spectra: readonly SlotSpectrum[];
}

export interface LaidRecipe {
  readonly recipe: Recipe;
  readonly options: DistillOptions;
  /** Of its budget: what the session's gates are now of. */
  readonly layout: GateLayout;
  /** What does not agree with the open models, in sentences. */
  readonly notes: readonly string[];
}

export async function openSession(given: Given, { signal, onProgress }: Context): Promise<OpenedSession> {
  const [manifest, base, vlm, lrm] = [given.text('manifest'), given.text('base'), given.text('vlm'), given.text('lrm')];
  if (manifest === null && (base === null || vlm === null || lrm === null)) throw new UsageError('Give --base, --vlm and --lrm, or --manifest.');
  if (manifest !== null && (base ?? vlm ?? lrm) !== null) throw new UsageError('--manifest names all three models: leave --base, --vlm and --lrm away.');
  const engine = nodeEngine();
  signal.addEventListener('abort', () => void engine.cancel(job));
  await engine.connect('wasm');
  const spectra: SlotSpectrum[] = [];
  const session = await engine.open(job, await trioSource({ manifest, base, vlm, lrm }), (event) => {
    if (event.type === 'progress') onProgress(event.progress);
    if (event.type === 'spectrum') spectra[event.spectrum.slot] = event.spectrum;
  });
  return { engine, session, spectra };
}

/** One job at a time: what Ctrl+C ends. */
export const job = 'command';

export function withSettings(options: DistillOptions, given: Given): DistillOptions {
  const changed: Record<string, number> = {};
  for (const [name, value] of readSettings(given.many('set'), settings)) changed[settingNames[name as keyof typeof settingNames]] = value;
  return { ...options, ...changed };
}

/** Gates, locks and budget of the recipe become the session's. */
export async function layRecipe({ engine, session, spectra }: OpenedSession, file: string): Promise<LaidRecipe> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new StudioError('missing', `There is no recipe at ${file}.`, { details: { file }, cause });
  });
  const recipe = parseRecipe(text);
  const { layout, field, options } = fitRecipe(recipe, { slots: session.slots, kept: (under) => initialField(under) });
  // Bytes are not compared: that would read every model once more. Singular values are, and with the same kernel they tell as much.
  const singularValues = session.slots.map((_, i) => spectra[i]?.singularValues ?? null);
  const { findings } = compareRecipe(recipe, { slots: session.slots, singularValues, models: session.models, identity: null, kernel: kernelVersion });
  const notes = findings.filter(({ code, severity }) => (severity !== 'info' && code !== 'not-compared') || code === 'not-in-recipe').map(({ message, remedy }) => `${message} ${remedy}`.trim());
  if (layout.budget !== session.layout.budget) await engine.setBudget(job, layout.budget);
  await engine.setGates(1, { indices: Uint32Array.from(field.values.keys()), ...field });
  return { recipe, options, layout, notes };
}

/** The same gate for every subspace. */
export async function setAllGates({ engine, session }: OpenedSession, gate: number): Promise<void> {
  const indices = Uint32Array.from({ length: session.layout.size }, (_, i) => i);
  await engine.setGates(1, { indices, values: new Float32Array(indices.length).fill(gate), locks: null });
}
