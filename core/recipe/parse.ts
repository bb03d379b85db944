/**
 * Reads a recipe from any text. It throws `bad-file` for a text that is no recipe, and `unsupported` for a
 * recipe of a newer studio.
 */
import { StudioError } from '../errors.ts';
import { maxFindingMessage, maxKnownFindings, type KnownFinding } from '../family/accept-findings.ts';
import { svdBasis } from '../gates/basis.ts';
import { gateCount, ownGates } from '../gates/field.ts';
import { presentNames } from '../merging/old-names.ts';
import { JsonField, showJson } from '../json-field.ts';
import { refuseUnknown } from '../reading/own-formats.ts';
import * as rules from '../reading/recipe.ts';
import type { JsonObject } from '../strict-json.ts';
import { optionProblem, wantedOf } from '../objective/check-options.ts';
import { makeOptions, type DistillOptions } from '../objective/options.ts';
import { makeLosses, type Losses } from '../objective/terms.ts';
import { readBasis } from './basis.ts';
import {
  recipeVersion,
  type Recipe,
  type RecipeInput,
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

/** For messages. */
const file = 'The recipe';
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
  const { raw: root } = JsonField.strict(text, file, {
    maxDepth: 8,
    maxValues: 3 * maxGates,
    maxContainers: 20 * maxSlots,
  });
  if (!(root instanceof Map) || root.get('format') !== 'frism-recipe')
    return fail('is not a recipe of this studio: its format is not "frism-recipe"');
  return readRecipe(new JsonField(migrate(root as JsonObject, known, current), file));
}

function migrate(root: JsonObject, known: Readonly<Record<number, Migration>>, current: number): JsonObject {
  let version = new JsonField(root, file).at('version').whole(1, 1e6);
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

function readRecipe(root: JsonField): Recipe {
  refuseUnknown(root, rules.recipeRules);
  if (root.at('method').raw !== 'frism')
    fail(`has the method ${showJson(root.at('method').raw)}, which this studio does not know`);
  const inputs = root.at('inputs');
  refuseUnknown(inputs, rules.recipeInputsRules);
  const options = readOptions(root.at('options'));
  const budget = root.at('budget').optional((field) => field.whole(1, maxRank));
  const slots = root.at('slots').list(maxSlots);
  let gates = 0;
  for (const slot of slots) {
    gates += gateCount(slot.at('rank').whole(1, maxRank), budget);
    if (gates > maxGates) fail(`has more than ${maxGates} gates`);
  }
  const recipe: Recipe = {
    studio: name(root.at('studio')),
    method: 'frism',
    inputs: {
      base: readInput(inputs.at('base')),
      vlm: readInput(inputs.at('vlm')),
      lrm: readInput(inputs.at('lrm')),
    },
    options,
    kernel: name(root.at('kernel')),
    step: root.at('step').whole(0, 1e9),
    basis: root.at('basis').optional(readBasis) ?? svdBasis,
    budget,
    slots: slots.map((slot) => readSlot(slot, budget, options.gateMax)),
    metrics: root.at('metrics').list(1000).map(readMetric),
    run: root.at('run').optional(readRun),
    preset: root.at('preset').optional(readPreset),
    findings: root.at('findings').optional(readFindings) ?? [],
  };
  if (new Set(recipe.slots.map(({ id }) => id)).size !== recipe.slots.length) fail('names a layer twice');
  return recipe;
}

function readInput(input: JsonField): RecipeInput {
  refuseUnknown(input, rules.recipeInputRules);
  return {
    label: name(input.at('label')),
    architecture: name(input.at('architecture')),
    sha256: hash(input.at('sha256')),
  };
}

function readOptions(options: JsonField): DistillOptions {
  refuseUnknown(options, rules.recipeOptionRules);
  return makeOptions((key, row) => {
    const field = options.at(key);
    if (field.absent && row.mayBeAbsentFrom?.includes('recipe')) return row.initial;
    const value = field.raw;
    return optionProblem(key, value) === null && (typeof value === 'number' || typeof value === 'string')
      ? value
      : field.refuse(wantedOf(row));
  });
}

function readSlot(slot: JsonField, budget: number | null, gateMax: number): RecipeSlot {
  refuseUnknown(slot, rules.recipeSlotRules);
  const id = name(slot.at('id'));
  const rank = slot.at('rank').whole(1, maxRank);
  const count = gateCount(rank, budget);
  const which = `${id}, which has rank ${rank}${count < rank ? ` and a budget of ${budget} subspaces` : ''}`;
  const given = slot.at('gates').raw;
  if (Array.isArray(given) && given.length !== count) fail(`has ${given.length} gates for ${which}`);
  const gates = new Float32Array(count);
  // A gate at the limit may lie a rounding above it once it is float32.
  const limit = Math.fround(gateMax);
  for (let i = 0; i < count; i += 1) {
    const gate = Array.isArray(given) ? given[i] : given;
    if (typeof gate !== 'number' || !(gate >= 0 && Math.fround(gate) <= limit))
      return fail(`has the gate ${showJson(gate)} in ${id}; gates lie between 0 and ${gateMax}`);
    // A zero has no sign in a recipe that the studio writes.
    gates[i] = gate === 0 ? 0 : gate;
  }
  const locks = new Uint8Array(count);
  const runs = slot.at('locked').raw;
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
    if (!inside) return fail(`locks ${showJson(run)} in ${which}`);
    locks.fill(1, first, first + length);
  }
  return {
    id,
    rank,
    gates,
    locks,
    factors: hash(slot.at('factors')),
    singularValues: readSingularValues(slot, id, ownGates({ rank, gates: count })),
  };
}

function readSingularValues(slot: JsonField, id: string, count: number): Float32Array | null {
  if (slot.at('singularValues').absent) return null;
  const given = slot.at('singularValues').raw;
  if (!Array.isArray(given) || given.length !== count)
    return fail(`does not have ${count} singular values for ${id}`);
  let before = Infinity;
  return Float32Array.from(given, (sigma) => {
    const falls =
      typeof sigma === 'number' && sigma >= 0 && Number.isFinite(Math.fround(sigma)) && sigma <= before;
    return falls
      ? (before = sigma)
      : fail(
          `has the singular value ${showJson(sigma)} in ${id}; they fall from the first to the last and are not negative`,
        );
  });
}

export function readMetric(metric: JsonField): RecipeMetric {
  refuseUnknown(metric, rules.recipeMetricRules);
  const total = metric.at('total').whole(0, 1e9);
  return {
    name: name(metric.at('name')),
    correct: metric.at('correct').whole(0, total),
    total,
    low: metric.at('low').optional(share),
    high: metric.at('high').optional(share),
    backend: metric.at('backend').optional(name),
  };
}

export function readRun(run: JsonField): RecipeRun {
  refuseUnknown(run, rules.recipeRunRules);
  return {
    steps: run.at('steps').whole(0, 1e9),
    losses: readLosses(run.at('losses')),
    backend: name(run.at('backend')),
  };
}

function readPreset(preset: JsonField): RecipePreset {
  refuseUnknown(preset, rules.recipePresetRules);
  const given = preset.at('settings');
  const keys = given.keys();
  if (keys.length > 50) fail(`has ${keys.length} settings for its preset`);
  return presentNames({
    name: name(preset.at('name')),
    settings: Object.fromEntries(keys.map((key) => [key, given.at(key).number(-1e12, 1e12)])),
  });
}

const readFindings = (findings: JsonField): readonly KnownFinding[] =>
  findings.list(maxKnownFindings).map((finding) => {
    refuseUnknown(finding, rules.recipeFindingRules);
    return {
      code: name(finding.at('code')),
      severity: finding.at('severity').oneOf('warning', 'error'),
      message: finding.at('message').text(maxFindingMessage),
    };
  });

function readLosses(losses: JsonField): Losses {
  refuseUnknown(losses, rules.recipeLossRules);
  return makeLosses(loss(losses.at('total')), (id, { onlyWeighted }) =>
    onlyWeighted ? losses.at(id).optional(loss) : loss(losses.at(id)),
  );
}

const isWhole = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value);

function fail(what: string): never {
  throw new StudioError('bad-file', `The recipe ${what}.`);
}

const name = (field: JsonField): string => field.text(500);
const loss = (field: JsonField): number => field.number(-1e30, 1e30);
const share = (field: JsonField): number => field.number(0, 1);
/** Null must be written: a recipe without the key is none of this studio's. */
const hash = (field: JsonField): string | null => (field.raw === null ? null : field.sha256());
