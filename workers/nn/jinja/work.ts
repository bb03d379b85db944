/**
 * What a rendering may take. A template is a program that anyone may have written, and it runs where nothing could
 * stop it. A step is the evaluation of one part of the template; each member of a list or dict that it makes counts
 * as one more, and so do each 1,024 characters of a text. Real templates take some thousand steps.
 */
import { isDict, isList, Tuple, View, type Value } from './values.ts';

export const maxSteps = 100_000;
const charactersPerStep = 1024;
export const maxText = 2 ** 22;

/** What a rendering has done so far. */
export interface TemplateWork {
  steps: number;
}

export function take(work: TemplateWork, steps: number): void {
  work.steps += steps;
  if (work.steps > maxSteps) throw new Error(`it takes more than ${maxSteps} steps`);
}

/** The value, counted. */
export function counted<T extends Value>(work: TemplateWork, value: T): T {
  // Asking for the length does not write the text out.
  if (typeof value === 'string' && value.length > maxText)
    throw new Error(`it makes a text of more than ${maxText} characters`);
  const size = isList(value)
    ? value.length
    : value instanceof Tuple || value instanceof View
      ? value.items.length
      : 0;
  take(work, isDict(value) ? 1 + value.size : typeof value === 'string' ? weigh(value) : 1 + size);
  if (weigh(value) > maxSteps) throw new Error(`it makes something of more than ${maxSteps} members`);
  return value;
}

/** A list may hold another list many times over, so that writing it out takes far more than making it did. */
const weights = new WeakMap<object, number>();

function weigh(value: Value): number {
  if (typeof value === 'string') return 1 + Math.floor(value.length / charactersPerStep);
  const members = isList(value)
    ? value
    : value instanceof Tuple || value instanceof View
      ? value.items
      : isDict(value)
        ? [...value].flat()
        : null;
  if (!members || typeof value !== 'object' || value === null) return 1;
  const known = weights.get(value);
  if (known !== undefined) return known;
  const weight = members.reduce<number>((sum, one) => sum + weigh(one), 1);
  weights.set(value, weight);
  return weight;
}
