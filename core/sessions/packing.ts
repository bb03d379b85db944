/**
 * Splits a tree of plain data from the large values in it, and puts both together again: typed arrays and files are
 * stored each by itself under a number, so that what has not changed is not written again.
 *
 * Large is whatever is neither a plain object nor a list nor a primitive value. `undefined` is left out, as JSON
 * does. What the tree means is not looked at here.
 */
import { showJson } from '../json-field.ts';
import { StudioError } from '../errors.ts';

/** The key of the object that stands in a large value's place; its value is the number. */
const place = '~value';

/** Deeper than anything that is kept. */
const maxDepth = 24;

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** @param numberOf the number under which a large value is stored */
export function pack(value: unknown, numberOf: (large: object) => number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => pack(item, numberOf));
  if (!isPlain(value)) return { [place]: numberOf(value) };
  const packed: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) if (item !== undefined) packed[key] = pack(item, numberOf);
  return packed;
}

/**
 * The tree as it was, with the very objects that `valueAt` gives. Throws `bad-file` where one is missing, and where
 * the tree is deeper than any that was packed.
 */
export function unpack(packed: unknown, valueAt: (number: number) => object | null, depth = 0): unknown {
  if (typeof packed !== 'object' || packed === null) return packed;
  if (depth > maxDepth) throw damaged(`is nested more than ${maxDepth} deep`);
  if (Array.isArray(packed)) return packed.map((item) => unpack(item, valueAt, depth + 1));
  if (!isPlain(packed)) throw damaged('holds a value in a place where none can be');
  if (Object.hasOwn(packed, place)) {
    const number: unknown = (packed as Record<string, unknown>)[place];
    const value = typeof number === 'number' ? valueAt(number) : null;
    if (value === null) throw damaged(`lacks the value ${showJson(number)}`);
    return value;
  }
  return Object.fromEntries(
    Object.entries(packed).map(([key, item]) => [key, unpack(item, valueAt, depth + 1)]),
  );
}

const damaged = (what: string): StudioError => new StudioError('bad-file', `The stored session ${what}.`);

/**
 * Makes equal what was one object before it was stored: objects that hold the same typed arrays and are otherwise
 * equal become the same object (a gate field, an image). The studio compares such objects by identity first.
 */
export function share<T>(tree: T): T {
  const numbers = new Map<object, number>();
  const known = new Map<string, object>();
  const visit = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || (!Array.isArray(value) && !isPlain(value)))
      return value;
    if (Array.isArray(value)) return value.map(visit);
    const entries = Object.entries(value).map(([key, item]) => [key, visit(item)] as const);
    const made = Object.fromEntries(entries);
    if (!entries.some(([, item]) => ArrayBuffer.isView(item))) return made;
    if (entries.some(([, item]) => typeof item === 'object' && item !== null && !ArrayBuffer.isView(item)))
      return made;
    const name = JSON.stringify(
      entries.map(([key, item]) => [
        key,
        ArrayBuffer.isView(item) ? { number: numberIn(numbers, item) } : item,
      ]),
    );
    const same = known.get(name);
    if (same) return same;
    known.set(name, made);
    return made;
  };
  return visit(tree) as T;
}

function numberIn(numbers: Map<object, number>, value: object): number {
  const number = numbers.get(value) ?? numbers.size;
  numbers.set(value, number);
  return number;
}
