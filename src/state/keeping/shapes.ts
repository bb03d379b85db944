/**
 * Shapes that several parts of a stored session have. What lies in a browser or in a file may have been changed by
 * anybody, so each shape refuses keys that it does not know, and bounds lengths and numbers.
 */
import * as v from 'valibot';
import type { GateField } from '../../../core/gates/field.ts';
import { optionProblem } from '../../../core/objective/check-options.ts';
import {
  defaultOptions,
  optionTable,
  type DistillOptions,
  type OptionKey,
} from '../../../core/objective/options.ts';
import { chosenStream, type MethodChoice } from '../../../core/merging/choose.ts';
import type { Evaluation, Score } from '../../../protocol/engine.ts';
import type { KnownAnswer, RgbaImage } from '../../../protocol/session.ts';

export const mostGates = 4_000_000;
/** An image of 200 megapixels is more than the studio decodes. */
const mostPixels = 2e8;

export const text = (most: number) => v.pipe(v.string(), v.maxLength(most));
export const whole = (most = Number.MAX_SAFE_INTEGER) =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(most));
export const real = (low = -1e30, high = 1e30) => v.pipe(v.number(), v.minValue(low), v.maxValue(high));
export const list = <T>(item: v.GenericSchema<unknown, T>, most: number) =>
  v.pipe(v.array(item), v.maxLength(most));

const gateLimit: number = Math.max(...optionTable.gateMax.range);

/** Gates, each a number that some gate maximum allows. */
export const gateValues = v.pipe(
  v.instance(Float32Array),
  v.check((values) => values.length <= mostGates, 'There are more gates than any model has.'),
  v.check(
    (values) => values.every((value) => value >= 0 && value <= gateLimit),
    `A gate does not lie between 0 and ${gateLimit}.`,
  ),
);

const lockValues = v.pipe(
  v.instance(Uint8Array),
  v.check((locks) => locks.every((lock) => lock <= 1), 'A lock is neither 0 nor 1.'),
);

export const gateField: v.GenericSchema<unknown, GateField> = v.pipe(
  v.strictObject({ values: gateValues, locks: lockValues }),
  v.check(({ values, locks }) => values.length === locks.length, 'There is not one lock for each gate.'),
);

/** The subspace budget. */
export const budget = v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(2 ** 17)));

const isPart = (value: unknown): value is Partial<DistillOptions> =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).every(
    ([key, given]) => Object.hasOwn(optionTable, key) && optionProblem(key as OptionKey, given) === null,
  );

/** Options of a run, each within its range. One that came with a later studio is as it is where nobody sets it. */
export const runOptions = v.pipe(
  v.custom<Partial<DistillOptions>>(isPart, 'An option of a run is unknown or out of its range.'),
  v.transform((given): DistillOptions => ({ ...defaultOptions, ...given })),
);

const isMethod = (value: unknown): value is MethodChoice => {
  try {
    chosenStream(value as MethodChoice);
    return true;
  } catch {
    return false;
  }
};

export const methodChoice: v.GenericSchema<unknown, MethodChoice> = v.pipe(
  v.strictObject({ id: text(100), settings: v.record(text(100), real()) }),
  v.custom<MethodChoice>(isMethod, 'A merge method or one of its settings is unknown.'),
);

const score: v.GenericSchema<unknown, Score> = v.pipe(
  v.strictObject({ correct: whole(1e9), total: whole(1e9), low: real(0, 1), high: real(0, 1) }),
  v.check(({ correct, total }) => correct <= total, 'More answers are correct than there are.'),
);

export const evaluation: v.GenericSchema<unknown, Evaluation> = v.strictObject({
  perception: score,
  reasoning: score,
  byTask: v.pipe(
    v.record(text(200), score),
    v.check((tasks) => Object.keys(tasks).length <= 1000, 'There are more tasks than any test set has.'),
  ),
  elapsedMs: real(0, 1e12),
});

export const image: v.GenericSchema<unknown, RgbaImage> = v.pipe(
  v.strictObject({ width: whole(1e5), height: whole(1e5), data: v.instance(Uint8ClampedArray) }),
  v.check(
    ({ width, height, data }) => width * height <= mostPixels && data.length === 4 * width * height,
    'An image has not as many pixels as it says.',
  ),
);

export const knownAnswer: v.GenericSchema<unknown, KnownAnswer> = v.strictObject({
  prompt: text(1e5),
  answer: text(1e5),
  scoring: v.picklist(['exact', 'final']),
});
