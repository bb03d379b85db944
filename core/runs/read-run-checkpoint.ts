/**
 * Checks a checkpoint of a run that comes from a browser's storage or from a file: whoever wrote it, a run that goes
 * on from it computes with nothing but finite numbers of the right sizes. Throws `bad-file` for what is none, and
 * `unsupported` for one of a newer studio.
 *
 * Whether it fits the models that are open is for the engine to say.
 */
import { StudioError } from '../errors.ts';
import { makeLayout, type GateLayout } from '../gates/field.ts';
import { JsonField } from '../json-field.ts';
import { optionProblem, wantedOf } from '../objective/check-options.ts';
import { makeOptions, type DistillOptions } from '../objective/options.ts';
import { makeLosses, termRow, termsOf, type Losses } from '../objective/terms.ts';
import { refuseUnknown } from '../reading/own-formats.ts';
import { recipeLossRules, recipeOptionRules } from '../reading/recipe.ts';
import * as rules from '../reading/run-checkpoint.ts';
import { readBasis } from '../recipe/basis.ts';
import {
  divergenceWindow,
  runCheckpointVersion,
  type LessonMark,
  type RunCheckpoint,
  type RunOrigin,
} from './run-checkpoint.ts';

const maxSlots = 20_000;
const maxRank = 2 ** 17;
/** More than any model of the supported families has. */
const maxGates = 4_000_000;
const maxItems = 10_000_000;

/** The same checkpoint, its arrays shared with `value`. */
export function readRunCheckpoint(value: unknown): RunCheckpoint {
  try {
    return read(new JsonField(value, 'The interrupted run'));
  } catch (thrown) {
    if (!(thrown instanceof StudioError) || thrown.code !== 'bad-file') throw thrown;
    const message = `${thrown.message} What was kept of it is damaged, so it cannot go on; a new run can be started from the gates as they are.`;
    throw new StudioError('bad-file', message, { details: thrown.details, cause: thrown });
  }
}

function read(root: JsonField): RunCheckpoint {
  const version = root.at('version').whole(1, 1e6);
  if (version !== runCheckpointVersion)
    throw new StudioError(
      'unsupported',
      `The interrupted run was kept in version ${version}; this studio reads version ${runCheckpointVersion}. Open it in a newer studio, or start a new run from the gates as they are.`,
      { details: { value: version } },
    );
  refuseUnknown(root, rules.runRules);
  refuseUnknown(root.at('gates'), rules.runGatesRules);
  refuseUnknown(root.at('optimiser'), rules.runOptimiserRules);
  refuseUnknown(root.at('divergence'), rules.runDivergenceRules);
  const options = readOptions(root.at('options'));
  const step = root.at('step').whole(0, options.steps);
  const origin = readOrigin(root.at('origin'), options);
  const { size } = makeLayout(origin.slots, origin.budget);
  const values = gatesOf(size, options.gateMax);
  const flags = inArray('Uint8Array', size, '0 or 1', (flag) => flag <= 1);
  const finite = inArray('Float64Array', size, 'finite', Number.isFinite);
  const optimiser = root.at('optimiser');
  const checkpoint: RunCheckpoint = {
    version: runCheckpointVersion,
    options,
    step,
    gates: { values: values(root.at('gates').at('values')), locks: flags(root.at('gates').at('locks')) },
    touched: flags(root.at('touched')),
    optimiser: {
      logits: finite(optimiser.at('logits')),
      first: finite(optimiser.at('first')),
      second: inArray(
        'Float64Array',
        size,
        'finite and not negative',
        (moment) => moment >= 0 && moment < Infinity,
      )(optimiser.at('second')),
      ages: inArray(
        'Uint32Array',
        size,
        `at most ${step}, the steps of the run`,
        (age) => age <= step,
      )(optimiser.at('ages')),
    },
    lastFinite: root.at('lastFinite').optional(values),
    losses: root.at('losses').optional((losses) => readLosses(losses, options)),
    divergence: {
      first: root.at('divergence').at('first').number(-Number.MAX_VALUE, Number.MAX_VALUE),
      recent: root
        .at('divergence')
        .at('recent')
        .list(Math.min(step, divergenceWindow), Math.min(step, divergenceWindow))
        .map((loss) => loss.number(-Number.MAX_VALUE, Number.MAX_VALUE)),
    },
    elapsedMs: root.at('elapsedMs').number(0, 1e12),
    origin,
  };
  for (const key of ['lastFinite', 'losses'] as const)
    if ((checkpoint[key] === null) !== (step === 0))
      root.at(key).refuse(step === 0 ? 'null before the first step' : 'given after a step');
  return checkpoint;
}

function readOptions(options: JsonField): DistillOptions {
  refuseUnknown(options, recipeOptionRules);
  return makeOptions((key, row) => {
    const { raw } = options.at(key);
    // As in a recipe: an option that the studio did not have yet.
    if (raw === undefined && row.mayBeAbsentFrom?.includes('recipe')) return row.initial;
    return optionProblem(key, raw) === null &&
      (raw === null || typeof raw === 'number' || typeof raw === 'string')
      ? raw
      : options.at(key).refuse(wantedOf(row));
  });
}

function readOrigin(origin: JsonField, options: DistillOptions): RunOrigin {
  refuseUnknown(origin, rules.runOriginRules);
  const budget = origin.at('budget').optional((field) => field.whole(1, maxRank));
  const basis = origin.at('basis').optional(readBasis);
  const slots = origin
    .at('slots')
    .list(maxSlots, 1)
    .map((slot) => {
      refuseUnknown(slot, rules.runLayerRules);
      return {
        id: slot.at('id').text(500),
        rank: slot.at('rank').whole(1, maxRank),
        norm: slot.at('norm').number(0, Number.MAX_VALUE),
      };
    });
  if (new Set(slots.map(({ id }) => id)).size !== slots.length)
    origin.at('slots').refuse('layers with names of their own');
  const layout: GateLayout = makeLayout(slots, budget);
  if (layout.size > maxGates) origin.at('slots').refuse(`layers with at most ${maxGates} gates`);
  if (layout.budget !== budget) origin.at('budget').refuse('a budget that leaves a layer something to share');
  const taught = termsOf(options).filter((id) => termRow(id).lessons !== null);
  const lessons = origin.at('lessons').list(taught.length, taught.length);
  return {
    backend: origin.at('backend').oneOf('wasm', 'webgpu'),
    adapter: origin.at('adapter').optional((field) => field.text(500)),
    slots,
    budget,
    ...(basis !== null && { basis }),
    factors: origin.at('factors').sha256(),
    vlm: origin.at('vlm').sha256(),
    lessons: lessons.map((lesson, i): LessonMark => {
      refuseUnknown(lesson, rules.runLessonRules);
      return {
        term: lesson.at('term').oneOf(taught[i] ?? 'distill'),
        items: lesson.at('items').whole(1, maxItems),
        prompts: lesson.at('prompts').sha256(),
        answers: lesson.at('answers').sha256(),
      };
    }),
  };
}

function readLosses(losses: JsonField, options: DistillOptions): Losses {
  const computed = termsOf(options);
  const loss = (field: JsonField): number => field.number(-Number.MAX_VALUE, Number.MAX_VALUE);
  refuseUnknown(losses, recipeLossRules);
  return makeLosses(loss(losses.at('total')), (id) => {
    if (computed.includes(id)) return loss(losses.at(id));
    return losses.at(id).absent ? null : losses.at(id).refuse('null, because the run has no such term');
  });
}

type Arrays = {
  readonly Uint8Array: Uint8Array;
  readonly Uint32Array: Uint32Array;
  readonly Float32Array: Float32Array;
  readonly Float64Array: Float64Array;
};

/** Reads an array of one type with `size` entries, of which each is as it must be. */
function inArray<Type extends keyof Arrays>(
  type: Type,
  size: number,
  each: string,
  right: (entry: number) => boolean,
): (field: JsonField) => Arrays[Type] {
  return (field) => {
    const { raw } = field;
    // By its own tag: it may come from another realm, where it is no instance of the class of this one.
    if (!ArrayBuffer.isView(raw) || (raw as Partial<Uint8Array>)[Symbol.toStringTag] !== type)
      return field.refuse(`a ${type} of ${size} entries`);
    const array = raw as Arrays[Type];
    if (array.length !== size) return field.refuse(`a ${type} of ${size} entries`);
    const wrong = array.findIndex((entry) => !right(entry));
    if (wrong < 0) return array;
    return new JsonField(array[wrong], field.file, `${field.place}[${wrong}]`).refuse(each);
  };
}

/** A gate at the limit may lie a rounding above it in float32. */
const gatesOf = (size: number, gateMax: number): ((field: JsonField) => Float32Array) =>
  inArray(
    'Float32Array',
    size,
    `a gate from 0 to ${gateMax}`,
    (gate) => gate >= 0 && gate <= Math.fround(gateMax),
  );
