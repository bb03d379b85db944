/**
 * What commands that compute share: the trio's options, an engine with the trio open, a recipe laid on.
 */
import { readFile } from 'node:fs/promises';
import { covering, everything, type LayerSelection } from '../core/family/selection.ts';
import { linearName } from '../core/family/tensor-names.ts';
import { compareRecipe } from '../core/recipe/compare.ts';
import { fitRecipe } from '../core/recipe/fit.ts';
import { parseRecipe } from '../core/recipe/parse.ts';
import type { Recipe } from '../core/recipe/recipe.ts';
import { StudioError } from '../core/errors.ts';
import type { GateField, GateLayout } from '../core/gates/field.ts';
import type { DeviceCapacity } from '../core/memory/facts.ts';
import type { EngineApi } from '../protocol/engine.ts';
import type { DistillOptions } from '../core/objective/options.ts';
import type { Session, SlotSpectrum, TrioPreview } from '../protocol/session.ts';
import { kernelVersion } from '../workers/kernels/svd/svd.ts';
import type { Context } from './command.ts';
import { nodeEngine, trioSource } from './engine.ts';
import { readSelection, selectionOptions, trioOptions } from './options.ts';
import { UsageError, type Given, type OptionSpec } from './usage.ts';

/** Three folders, or a manifest that also brings calibration images and test sets. */
export const sessionOptions: Readonly<Record<string, OptionSpec>> = {
  manifest: {
    value: 'FILE|DIR',
    about: 'manifest.json of a trio with calibration and test sets, in place of the three folders',
  },
  ...Object.fromEntries(
    Object.entries(trioOptions).map(([name, spec]) => [name, { ...spec, required: false }]),
  ),
  ...selectionOptions,
};

export interface OpenedSession {
  readonly engine: EngineApi;
  readonly session: Session;
  readonly device: DeviceCapacity;
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

/**
 * @param recipe what will be laid on: of the models only its layers are opened, unless others were asked for
 * @param look at what headers tell, before anything is decomposed; may throw
 */
export async function openSession(
  given: Given,
  { signal, onProgress }: Context,
  recipe: Recipe | null = null,
  look?: (found: TrioPreview, selection: LayerSelection) => void,
): Promise<OpenedSession> {
  const [manifest, base, vlm, lrm] = [
    given.text('manifest'),
    given.text('base'),
    given.text('vlm'),
    given.text('lrm'),
  ];
  if (manifest === null && (base === null || vlm === null || lrm === null))
    throw new UsageError('Give --base, --vlm and --lrm, or --manifest.');
  if (manifest !== null && (base ?? vlm ?? lrm) !== null)
    throw new UsageError('--manifest names all three models: leave --base, --vlm and --lrm away.');
  const selection =
    readSelection(given) ?? (recipe && covering(recipe.slots.map(({ id }) => linearName(`${id}.weight`))));
  const engine = nodeEngine();
  signal.addEventListener('abort', () => void engine.cancel(job));
  const { capacity: device } = await engine.connect('wasm');
  const source = await trioSource({ manifest, base, vlm, lrm });
  if (look) look(await engine.inspect(job, source, onProgress), selection ?? everything);
  const spectra: SlotSpectrum[] = [];
  const session = await engine.open(job, { ...source, ...(selection && { selection }) }, (event) => {
    if (event.type === 'progress') onProgress(event.progress);
    if (event.type === 'spectrum') spectra[event.spectrum.slot] = event.spectrum;
  });
  return { engine, session, device, spectra };
}

/** One job at a time: what Ctrl+C ends. */
export const job = 'command';

/** The recipe that `--recipe` names, if it was given. */
export async function readRecipe(given: Given): Promise<Recipe | null> {
  const file = given.text('recipe');
  if (file === null) return null;
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new StudioError('missing', `There is no recipe at ${file}.`, { details: { file }, cause });
  });
  return parseRecipe(text);
}

/** Gates, locks and budget of the recipe become the session's, layers that it lacks closed. */
export async function layRecipe(
  { engine, session, spectra }: OpenedSession,
  recipe: Recipe,
): Promise<LaidRecipe> {
  const closed = ({ size }: GateLayout): GateField => ({
    values: new Float32Array(size),
    locks: new Uint8Array(size),
  });
  const { layout, field, options } = fitRecipe(recipe, { slots: session.slots, kept: closed });
  // Bytes are not compared: that would read every model once more. Singular values are, and with the same
  // kernel they tell as much.
  const singularValues = session.slots.map((_, i) => spectra[i]?.singularValues ?? null);
  const { findings } = compareRecipe(recipe, {
    slots: session.slots,
    singularValues,
    models: session.models,
    identity: null,
    kernel: kernelVersion,
  });
  const said = findings
    .filter(({ code, severity }) => severity !== 'info' && code !== 'not-compared')
    .map(({ message, remedy }) => `${message} ${remedy}`.trim());
  const lacking = findings
    .filter(({ code }) => code === 'not-in-recipe')
    .map(({ message }) => `${message} They stay the VLM’s.`);
  if (layout.budget !== session.layout.budget) await engine.setBudget(job, layout.budget);
  await engine.setGates(1, { indices: Uint32Array.from(field.values.keys()), ...field });
  return { recipe, options, layout, notes: [...said, ...lacking] };
}

/** The same gate for every subspace. */
export async function setAllGates({ engine, session }: OpenedSession, gate: number): Promise<void> {
  const indices = Uint32Array.from({ length: session.layout.size }, (_, i) => i);
  await engine.setGates(1, { indices, values: new Float32Array(indices.length).fill(gate), locks: null });
}
