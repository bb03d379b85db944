/**
 * What commands that compute share: the trio's options, an engine with the trio open, and a recipe applied to
 * it.
 */
import { readFile, stat } from 'node:fs/promises';
import { covering, everything, type LayerSelection } from '../core/family/selection.ts';
import { linearName } from '../core/family/tensor-names.ts';
import { compareRecipe } from '../core/recipe/compare.ts';
import { fitRecipe } from '../core/recipe/fit.ts';
import { maxRecipeBytes } from '../core/recipe/file.ts';
import { parseRecipe } from '../core/recipe/parse.ts';
import type { Recipe } from '../core/recipe/recipe.ts';
import { StudioError } from '../core/errors.ts';
import { decodeText } from '../core/files/text.ts';
import { describeBasis, isSvd, type Basis } from '../core/gates/basis.ts';
import type { GateField, GateLayout } from '../core/gates/field.ts';
import type { DeviceCapacity } from '../core/memory/facts.ts';
import type { EngineApi } from '../protocol/engine.ts';
import type { DistillOptions } from '../core/objective/options.ts';
import type { Session, SlotSpectrum, TrioPreview, TrioSource } from '../protocol/session.ts';
import type { Context } from './command.ts';
import { nodeEngine, trioSource } from './engine.ts';
import type { Finding } from '../core/family/pairing.ts';
import { acceptedInVain, tellFindings } from './findings.ts';
import { requireRoom } from './outputs.ts';
import { readSelection, readTrioNames, selectionOptions, trioOptions } from './options.ts';
import type { Given, OptionSpec } from './usage.ts';

export const sessionOptions: Readonly<Record<string, OptionSpec>> = { ...trioOptions, ...selectionOptions };

export interface OpenedSession {
  readonly engine: EngineApi;
  readonly session: Session;
  readonly device: DeviceCapacity;
  /** By slot, in the present basis. */
  readonly spectra: SlotSpectrum[];
  /** What the command line said of findings that are not there, in sentences. */
  readonly notes: readonly string[];
  readonly onProgress: Context['onProgress'];
}

export interface AppliedRecipe {
  readonly recipe: Recipe;
  readonly options: DistillOptions;
  /** The layout of the session's gates, under the recipe's budget where a recipe was applied. */
  readonly layout: GateLayout;
  /** What does not agree with the open models, in sentences. */
  readonly notes: readonly string[];
}

export interface Opening {
  /** What will be applied: of the models only its layers are opened, unless others were asked for. */
  readonly recipe?: Recipe | null;
  /** What the models will be used for; what they lack for it is said before anything is decomposed. */
  readonly needs?: TrioSource['needs'];
  /** Whether only what fits together is wanted: an error among the findings stops unless it is accepted. */
  readonly merges: boolean;
  /** At what headers tell, before anything is decomposed; may throw. */
  readonly look?: (found: TrioPreview, selection: LayerSelection) => void;
}

/** What is found in the models is told before anything is decomposed. */
export async function openSession(
  given: Given,
  context: Context,
  { recipe = null, needs = [], merges, look }: Opening,
): Promise<OpenedSession> {
  const { signal, onProgress } = context;
  const names = readTrioNames(given);
  const selection =
    readSelection(given) ?? (recipe && covering(recipe.slots.map(({ id }) => linearName(`${id}.weight`))));
  const engine = nodeEngine();
  signal.addEventListener('abort', () => void engine.cancel(job));
  const { capacity: device } = await engine.connect('wasm');
  const source = await trioSource(names);
  const found = await engine.inspect(job, source, onProgress);
  const out = given.text('out');
  if (out !== null) await requireRoom(out, found.models.vlm.sizeBytes);
  look?.(found, selection ?? everything);
  const told = found.pairing.findings;
  tellFindings(told, given, context, { merges });
  const spectra: SlotSpectrum[] = [];
  let said = told;
  const tell = (findings: readonly Finding[]): void => {
    tellFindings(findings, given, context, { merges, told: said });
    said = [...said, ...findings];
  };
  const session = await engine.open(job, { ...source, needs, ...(selection && { selection }) }, (event) => {
    // Some of it only weights tell, which are not looked at before; an error ends the opening here.
    if (event.type === 'paired') tell(event.findings);
    if (event.type === 'progress') onProgress(event.progress);
    if (event.type === 'spectrum') spectra[event.spectrum.slot] = event.spectrum;
  });
  // The rest only a decomposition tells.
  tell(session.pairing.findings);
  const notes = merges ? acceptedInVain(session.pairing.findings, given) : [];
  return { engine, session, device, spectra, notes, onProgress };
}

/** The one job that goes on at a time. Ctrl+C ends it. */
export const job = 'command';

/** The recipe that `--recipe` names, if it was given. */
export async function readRecipe(given: Given): Promise<Recipe | null> {
  const file = given.text('recipe');
  if (file === null) return null;
  await checkRecipeSize(file);
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new StudioError('missing', `There is no recipe at ${file}.`, { details: { file }, cause });
  });
  return parseRecipe(decodeText(bytes, file));
}

/** Before it is read: a file of gigabytes is none that memory should take. */
async function checkRecipeSize(file: string): Promise<void> {
  // One that is not there is told by the reader.
  const sizeBytes = (await stat(file).catch(() => null))?.size ?? 0;
  if (sizeBytes > maxRecipeBytes)
    throw new StudioError(
      'bad-file',
      `${file} is ${sizeBytes} bytes long, more than any recipe. Choose the recipe.json of an export or of a distillation.`,
      { details: { file, value: sizeBytes } },
    );
}

/** Other pieces of the task vectors get the gates, which start anew. */
export async function changeBasis(
  { engine, spectra, onProgress }: OpenedSession,
  basis: Basis,
): Promise<void> {
  await engine.setBasis(job, basis, (event) => {
    if (event.type === 'progress') onProgress(event.progress);
    else spectra[event.spectrum.slot] = event.spectrum;
  });
}

/** What is said of gates in another basis than the paper's. */
export const basisNotes = (basis: Basis): readonly string[] =>
  isSvd(basis)
    ? []
    : [`The gates are of ${describeBasis(basis)}, not of singular vectors of the task vectors.`];

/** Gates, locks, budget and basis of the recipe become the session's, layers that it lacks closed. */
export async function applyRecipe(opened: OpenedSession, recipe: Recipe): Promise<AppliedRecipe> {
  const { engine, session, spectra, onProgress } = opened;
  const { basis } = recipe;
  const closed = ({ size }: GateLayout): GateField => ({
    values: new Float32Array(size),
    locks: new Uint8Array(size),
  });
  if (!isSvd(basis)) await changeBasis(opened, basis);
  const { layout, field, options } = fitRecipe(recipe, { basis, slots: session.slots, kept: closed });
  // It reads every model once more, as the record of an export does, which then need not. Singular values would tell of
  // base and reasoning model alone: another VLM has the same.
  const identity = await engine.identify(job, onProgress);
  const singularValues = session.slots.map((_, i) => spectra[i]?.singularValues ?? null);
  const { findings } = compareRecipe(recipe, {
    basis,
    slots: session.slots,
    singularValues,
    models: session.models,
    identity,
  });
  const said = findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ message, remedy }) => `${message} ${remedy}`.trim());
  const lacking = findings
    .filter(({ code }) => code === 'not-in-recipe')
    .map(({ message }) => `${message} They stay the VLM’s.`);
  if (layout.budget !== session.layout.budget) await engine.setBudget(job, layout.budget);
  await engine.setGates(1, { indices: Uint32Array.from(field.values.keys()), ...field });
  return { recipe, options, layout, notes: [...basisNotes(basis), ...said, ...lacking] };
}

/** The same gate for every subspace. */
export async function setAllGates({ engine, session }: OpenedSession, gate: number): Promise<void> {
  const indices = Uint32Array.from({ length: session.layout.size }, (_, i) => i);
  await engine.setGates(1, { indices, values: new Float32Array(indices.length).fill(gate), locks: null });
}
