/**
 * Reads a recipe from any text. Throws `bad-file` for what is no recipe and `unsupported` for one from a
 * newer studio.
 */
import { StudioError } from '../errors.ts';
import { gateCount, ownGates } from '../gates/field.ts';
import { presentNames } from '../merging/old-names.ts';
import { JsonError, parseStrictJson, type JsonObject, type JsonValue } from '../strict-json.ts';
import { optionProblem, wantedOf } from '../objective/check-options.ts';
import { makeOptions, type DistillOptions } from '../objective/options.ts';
import {
  recipeVersion,
  type Recipe,
  type RecipeInput,
  type RecipeLosses,
  type RecipeMetric,
  type RecipePreset,
  type RecipeRun,
  type RecipeSlot,
} from './recipe.ts';

/**
 * Turns a recipe of one version into the next; at index v the step from version v. Empty while version 1 is
 * the only one.
 */
export type Migration = (old: JsonObject) => JsonObject;
const migrations: Readonly<Record<number, Migration>> = {};

const maxText = 64 * 2 ** 20;
const maxSlots = 20_000;
const maxRank = 2 ** 17;
/** All gates of a recipe together: more than any model of the supported families has. */
const maxGates = 4_000_000;

export function parseRecipe(
  text: string,
  known: Readonly<Record<number, Migration>> = migrations,
  current = recipeVersion,
): Recipe {
  if (text.length > maxText) fail(`is ${text.length} characters long, more than any recipe`);
  let root: JsonValue;
  try {
    root = parseStrictJson(text, { maxDepth: 8, maxValues: 3 * maxGates });
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new StudioError('bad-file', `The recipe is not valid JSON: ${cause.message}.`, { cause });
  }
  if (!(root instanceof Map) || root.get('format') !== 'frism-recipe')
    return fail('is none: its format is not "frism-recipe"');
  return readRecipe(migrate(root, known, current));
}

function migrate(root: JsonObject, known: Readonly<Record<number, Migration>>, current: number): JsonObject {
  let version = whole(root, 'version', [1, 1e6]);
  if (version > current) {
    throw new StudioError(
      'unsupported',
      `The recipe has version ${version}; this studio reads up to ${current}. Open it in a newer studio.`,
      { details: { value: version } },
    );
  }
  let recipe = root;
  for (; version < current; version += 1) {
    const step = known[version];
    if (!step)
      throw new StudioError('unsupported', `Recipes of version ${version} can no longer be read.`, {
        details: { value: version },
      });
    recipe = step(recipe);
  }
  return recipe;
}

function readRecipe(root: JsonObject): Recipe {
  if (root.get('method') !== 'frism')
    fail(`has the method ${show(root.get('method'))}, which this studio does not know`);
  const inputs = child(root, 'inputs');
  const options = readOptions(child(root, 'options'));
  const budget = isAbsent(root, 'budget') ? null : whole(root, 'budget', [1, maxRank]);
  const slots = list(root, 'slots', maxSlots);
  let gates = 0;
  for (const slot of slots) {
    gates += gateCount(whole(slot, 'rank', [1, maxRank]), budget);
    if (gates > maxGates) fail(`has more than ${maxGates} gates`);
  }
  const recipe: Recipe = {
    studio: line(root, 'studio'),
    method: 'frism',
    inputs: {
      base: readInput(child(inputs, 'base')),
      vlm: readInput(child(inputs, 'vlm')),
      lrm: readInput(child(inputs, 'lrm')),
    },
    options,
    kernel: line(root, 'kernel'),
    step: whole(root, 'step', [0, 1e9]),
    budget,
    slots: slots.map((slot) => readSlot(slot, budget, options.gateMax)),
    metrics: list(root, 'metrics', 1000).map(readMetric),
    run: isAbsent(root, 'run') ? null : readRun(child(root, 'run')),
    preset: isAbsent(root, 'preset') ? null : readPreset(child(root, 'preset')),
  };
  if (new Set(recipe.slots.map(({ id }) => id)).size !== recipe.slots.length) fail('names a layer twice');
  return recipe;
}

function readInput(input: JsonObject): RecipeInput {
  return {
    label: line(input, 'label'),
    architecture: line(input, 'architecture'),
    sha256: hash(input, 'sha256'),
  };
}

function readOptions(options: JsonObject): DistillOptions {
  return makeOptions((key, row) => {
    if (isAbsent(options, key) && row.mayBeAbsentFrom?.includes('recipe')) return row.initial;
    const value = options.get(key);
    return optionProblem(key, value) === null && (typeof value === 'number' || typeof value === 'string')
      ? value
      : field(options, key, wantedOf(row));
  });
}

function readSlot(slot: JsonObject, budget: number | null, gateMax: number): RecipeSlot {
  const id = line(slot, 'id');
  const rank = whole(slot, 'rank', [1, maxRank]);
  const count = gateCount(rank, budget);
  const which = `${id}, which has rank ${rank}${count < rank ? ` and a budget of ${budget} subspaces` : ''}`;
  const given = slot.get('gates');
  if (Array.isArray(given) && given.length !== count) fail(`has ${given.length} gates for ${which}`);
  const gates = new Float32Array(count);
  // A gate at the limit may lie a rounding above it once it is float32.
  const limit = Math.fround(gateMax);
  for (let i = 0; i < count; i += 1) {
    const gate = Array.isArray(given) ? given[i] : given;
    if (typeof gate !== 'number' || !(gate >= 0 && Math.fround(gate) <= limit))
      return fail(`has the gate ${show(gate)} in ${id}; gates lie between 0 and ${gateMax}`);
    gates[i] = gate;
  }
  const locks = new Uint8Array(count);
  const runs = slot.get('locked');
  if (!Array.isArray(runs) || runs.length > count)
    return fail(`has no proper list of locked gates for ${id}`);
  for (const run of runs) {
    const [first, length] = Array.isArray(run) ? run : [];
    const inside =
      Array.isArray(run) &&
      run.length === 2 &&
      isWhole(first) &&
      isWhole(length) &&
      first >= 0 &&
      length > 0 &&
      first + length <= count;
    if (!inside) return fail(`locks ${show(run)} in ${which}`);
    locks.fill(1, first, first + length);
  }
  return {
    id,
    rank,
    gates,
    locks,
    factors: hash(slot, 'factors'),
    singularValues: readSingularValues(slot, id, ownGates({ rank, gates: count })),
  };
}

function readSingularValues(slot: JsonObject, id: string, count: number): Float32Array | null {
  if (isAbsent(slot, 'singularValues')) return null;
  const given = slot.get('singularValues');
  if (!Array.isArray(given) || given.length !== count)
    return fail(`has not ${count} singular values for ${id}`);
  let before = Infinity;
  return Float32Array.from(given, (sigma) => {
    const falls =
      typeof sigma === 'number' && sigma >= 0 && Number.isFinite(Math.fround(sigma)) && sigma <= before;
    return falls
      ? (before = sigma)
      : fail(
          `has the singular value ${show(sigma)} in ${id}; they fall from the first to the last and are not negative`,
        );
  });
}

function readMetric(metric: JsonObject): RecipeMetric {
  const total = whole(metric, 'total', [0, 1e9]);
  const share = (key: string) => (isAbsent(metric, key) ? null : number(metric, key, [0, 1]));
  return {
    name: line(metric, 'name'),
    correct: whole(metric, 'correct', [0, total]),
    total,
    low: share('low'),
    high: share('high'),
    backend: isAbsent(metric, 'backend') ? null : line(metric, 'backend'),
  };
}

function readRun(run: JsonObject): RecipeRun {
  return {
    steps: whole(run, 'steps', [0, 1e9]),
    losses: readLosses(child(run, 'losses')),
    elapsedMs: number(run, 'elapsedMs', [0, 1e12]),
    backend: line(run, 'backend'),
  };
}

function readPreset(preset: JsonObject): RecipePreset {
  const given = child(preset, 'settings');
  if (given.size > 50) fail(`has ${given.size} settings for its preset`);
  return presentNames({
    name: line(preset, 'name'),
    settings: Object.fromEntries([...given.keys()].map((key) => [key, number(given, key, [-1e12, 1e12])])),
  });
}

function readLosses(losses: JsonObject): RecipeLosses {
  const loss = (key: string) => number(losses, key, [-1e30, 1e30]);
  const perhaps = (key: string) => (isAbsent(losses, key) ? null : loss(key));
  return {
    total: loss('total'),
    distill: loss('distill'),
    inject: loss('inject'),
    trace: perhaps('trace'),
    composed: perhaps('composed'),
  };
}

const isAbsent = (holder: JsonObject, key: string): boolean =>
  holder.get(key) === undefined || holder.get(key) === null;
const isWhole = (value: JsonValue | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value);
const show = (value: JsonValue | undefined): string =>
  (value instanceof Map ? '{…}' : (JSON.stringify(value) ?? 'nothing')).slice(0, 80);

function fail(what: string): never {
  throw new StudioError('bad-file', `The recipe ${what}.`);
}

function field(holder: JsonObject, key: string, expected: string): never {
  return fail(`has ${show(holder.get(key))} for "${key}", where ${expected} belongs`);
}

function child(holder: JsonObject, key: string): JsonObject {
  const value = holder.get(key);
  return value instanceof Map ? value : field(holder, key, 'an object');
}

function list(holder: JsonObject, key: string, limit: number): JsonObject[] {
  const value = holder.get(key);
  const isObjects = (items: JsonValue[]): items is JsonObject[] => items.every((item) => item instanceof Map);
  return Array.isArray(value) && value.length <= limit && isObjects(value)
    ? value
    : field(holder, key, `a list of at most ${limit} objects`);
}

function line(holder: JsonObject, key: string): string {
  const value = holder.get(key);
  return typeof value === 'string' && value.length <= 500 ? value : field(holder, key, 'a short text');
}

function hash(holder: JsonObject, key: string): string | null {
  const value = holder.get(key);
  if (value === null) return null;
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
    ? value
    : field(holder, key, 'a SHA-256 in hex or null');
}

function number(holder: JsonObject, key: string, [low, high]: readonly [number, number]): number {
  const value = holder.get(key);
  return typeof value === 'number' && value >= low && value <= high
    ? value
    : field(holder, key, `a number from ${low} to ${high}`);
}

function whole(holder: JsonObject, key: string, range: readonly [number, number]): number {
  const value = number(holder, key, range);
  return Number.isSafeInteger(value) ? value : field(holder, key, 'a whole number');
}
