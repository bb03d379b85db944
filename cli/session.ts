/** What commands that compute share: the trio's options, an engine with the trio open, settings in kebab-case, a recipe laid on. */
import { readFile } from 'node:fs/promises';
import { covering, everything, type LayerSelection } from '../src/core/family/selection.ts';
import { linearName } from '../src/core/family/tensor-names.ts';
import { fitRecipe } from '../src/core/recipe/fit.ts';
import { parseRecipe } from '../src/core/recipe/parse.ts';
import type { Recipe } from '../src/core/recipe/recipe.ts';
import { StudioError } from '../src/core/errors.ts';
import type { GateField, GateLayout } from '../src/core/gates/field.ts';
import type { DeviceCapacity } from '../src/core/memory/facts.ts';
import type { EngineApi } from '../src/protocol/engine.ts';
import type { DistillOptions, Session, TrioPreview } from '../src/protocol/session.ts';
import { kernelVersion } from '../workers/kernels/svd/svd.ts';
import type { Context } from './command.ts';
import { nodeEngine, trioSource } from './engine.ts';
import { readSelection, readSettings, selectionOptions, trioOptions } from './options.ts';
import { UsageError, type Given, type OptionSpec } from './usage.ts';

/** Three folders, or a manifest that also brings calibration images and test sets. */
export const sessionOptions: Readonly<Record<string, OptionSpec>> = {
  manifest: { value: 'FILE|DIR', about: 'manifest.json of a trio with calibration and test sets, in place of the three folders' },
  ...Object.fromEntries(Object.entries(trioOptions).map(([name, spec]) => [name, { ...spec, required: false }])),
  ...selectionOptions,
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
  'teacher-top-k': 'teacherTopK',
} as const satisfies Readonly<Record<string, keyof DistillOptions>>;

export const settings = Object.keys(settingNames);

export interface OpenedSession {
  readonly engine: EngineApi;
  readonly session: Session;
  readonly device: DeviceCapacity;
}

/**
 * @param recipe what will be laid on: of the models only its layers are opened, unless others were asked for
 * @param look at what headers tell, before anything is decomposed; may throw
 */
export async function openSession(given: Given, { signal, onProgress }: Context, recipe: Recipe | null = null, look?: (found: TrioPreview, selection: LayerSelection) => void): Promise<OpenedSession> {
  const [manifest, base, vlm, lrm] = [given.text('manifest'), given.text('base'), given.text('vlm'), given.text('lrm')];
  if (manifest === null && (base === null || vlm === null || lrm === null)) throw new UsageError('Give --base, --vlm and --lrm, or --manifest.');
  if (manifest !== null && (base ?? vlm ?? lrm) !== null) throw new UsageError('--manifest names all three models: leave --base, --vlm and --lrm away.');
  const selection = readSelection(given) ?? (recipe && covering(recipe.slots.map(({ id }) => linearName(`${id}.weight`))));
  const engine = nodeEngine();
  signal.addEventListener('abort', () => void engine.cancel(job));
  const { capacity: device } = await engine.connect('wasm');
  const source = await trioSource({ manifest, base, vlm, lrm });
  if (look) look(await engine.inspect(job, source, onProgress), selection ?? everything);
  const session = await engine.open(job, { ...source, ...(selection && { selection }) }, (event) => event.type === 'progress' && onProgress(event.progress));
  return { engine, session, device };
}

/** One job at a time: what Ctrl+C ends. */
export const job = 'command';

export function withSettings(options: DistillOptions, given: Given): DistillOptions {
  const changed: Record<string, number | null> = {};
  for (const [name, value] of readSettings(given.many('set'), settings)) changed[settingNames[name as keyof typeof settingNames]] = value;
  // 0: whole distributions.
  if (changed['teacherTopK'] === 0) changed['teacherTopK'] = null;
  return { ...options, ...changed };
}

/** The recipe that `--recipe` names, if it was given. */
export async function readRecipe(given: Given): Promise<Recipe | null> {
  const file = given.text('recipe');
  if (file === null) return null;
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new StudioError('missing', `There is no recipe at ${file}.`, { details: { file }, cause });
  });
  return parseRecipe(text);
}

/** Gates, locks, budget and options of the recipe, layers that it lacks closed; what does not agree is handed back in sentences. */
export async function layRecipe({ engine, session }: OpenedSession, recipe: Recipe): Promise<{ readonly options: DistillOptions; readonly notes: readonly string[]; readonly budget: number | null }> {
  const closed = ({ size }: GateLayout): GateField => ({ values: new Float32Array(size), locks: new Uint8Array(size) });
  const fitted = fitRecipe(recipe, { slots: session.slots, models: session.models, kept: closed, kernel: kernelVersion });
  if (fitted.layout.budget !== session.layout.budget) await engine.setBudget(job, fitted.layout.budget);
  await engine.setGates(1, { indices: Uint32Array.from(fitted.field.values.keys()), ...fitted.field });
  return { options: fitted.options, notes: fitted.notes, budget: fitted.layout.budget };
}

/** The same gate for every subspace. */
export async function setAllGates({ engine, session }: OpenedSession, gate: number): Promise<void> {
  const indices = Uint32Array.from({ length: session.layout.size }, (_, i) => i);
  await engine.setGates(1, { indices, values: new Float32Array(indices.length).fill(gate), locks: null });
}
