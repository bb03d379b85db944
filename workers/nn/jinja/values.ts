/**
 * The values of a template, as Python has them: whole numbers are apart from floats, tuples from lists, and
 * nothing that was never set (`undefined`) from None (`null`). Where Python raises a TypeError, these throw.
 */
import { charactersOf, compareTexts, find } from './characters.ts';
import { deeper, joined, read, visit } from './work.ts';

export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

export class Tuple {
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    this.items = items;
  }
}

/** What `range` and a dict's `keys` give: gone through as often as one likes, and never a text of the model's. */
export class View {
  readonly type: 'range' | 'dict_keys' | 'dict_values' | 'dict_items';
  readonly items: readonly Value[];

  constructor(type: View['type'], items: readonly Value[]) {
    this.type = type;
    this.items = items;
  }
}

/** What filters such as `map` give: gone through once, always true, without a length. */
export class Iterator {
  readonly #items: readonly Value[];
  #gone = false;

  constructor(items: readonly Value[]) {
    this.#items = items;
  }

  take(): readonly Value[] {
    if (this.#gone) throw new Error('what a filter gave is gone through twice, which Jinja cannot either');
    this.#gone = true;
    return this.#items;
  }
}

export class Namespace {
  readonly members = new Map<string, Value>();
}

export interface Arguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

/** A method, a macro or a function of the environment. */
export class Callable {
  readonly name: string;
  readonly call: (given: Arguments) => Value;

  constructor(name: string, call: (given: Arguments) => Value) {
    this.name = name;
    this.call = call;
  }
}

export type Key = string | number;
export type Dict = ReadonlyMap<Key, Value>;
/** A `number` is whole. */
export type Value =
  | undefined
  | null
  | boolean
  | number
  | string
  | Float
  | Tuple
  | readonly Value[]
  | Dict
  | Iterator
  | View
  | Namespace
  | Callable;

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isDict(value: Value): value is Dict {
  return value instanceof Map;
}

/** As Python names the type in its errors. */
export function typeName(value: Value): string {
  if (value === undefined) return 'undefined';
  if (value === null) return 'None';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'int';
  if (typeof value === 'string') return 'str';
  if (value instanceof Float) return 'float';
  if (value instanceof View) return value.type;
  if (value instanceof Tuple) return 'tuple';
  if (value instanceof Iterator) return 'generator';
  if (value instanceof Namespace) return 'namespace';
  if (value instanceof Callable) return 'function';
  return isList(value) ? 'list' : 'dict';
}

export function whole(value: number): number {
  if (!Number.isSafeInteger(value))
    throw new Error(`a whole number of more than 53 bits is not computed here`);
  return value === 0 ? 0 : value;
}

/** Numbers and booleans as a number, else null. */
export function numeric(value: Value): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  return value instanceof Float ? value.value : null;
}

export function truth(value: Value): boolean {
  if (value === undefined || value === null || value === '') return false;
  const number = numeric(value);
  if (number !== null) return number !== 0;
  if (isList(value)) return value.length > 0;
  if (value instanceof Tuple || value instanceof View) return value.items.length > 0;
  return isDict(value) ? value.size > 0 : true;
}

/** The members that a loop goes through. */
export function iterate(value: Value): readonly Value[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return charactersOf(value);
  if (isList(value)) return value;
  if (value instanceof Tuple || value instanceof View) return value.items;
  if (isDict(value)) {
    visit(value.size);
    return [...value.keys()];
  }
  if (value instanceof Iterator) return value.take();
  throw new Error(`“${typeName(value)}” cannot be gone through`);
}

export function equal(a: Value, b: Value): boolean {
  visit(1);
  const [left, right] = [numeric(a), numeric(b)];
  if (left !== null || right !== null) return left === right;
  if (isList(a) && isList(b)) return equalItems(a, b);
  if (a instanceof Tuple && b instanceof Tuple) return equalItems(a.items, b.items);
  if (a instanceof View && b instanceof View) throw new Error(`two “${a.type}” are not compared here`);
  if (isDict(a) && isDict(b)) {
    if (a.size !== b.size) return false;
    visit(a.size);
    return deeper(() => [...a].every(([key, value]) => b.has(key) && equal(value, b.get(key))));
  }
  if (typeof a === 'string' && typeof b === 'string' && a.length === b.length) read(a.length);
  return a === b;
}

function equalItems(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && deeper(() => a.every((item, i) => equal(item, b[i])));
}

/** Below 0 where a < b. */
export function compare(a: Value, b: Value): number {
  visit(1);
  const [left, right] = [numeric(a), numeric(b)];
  if (left !== null && right !== null) return left < right ? -1 : left > right ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b);
  if (isList(a) && isList(b)) return compareItems(a, b);
  if (a instanceof Tuple && b instanceof Tuple) return compareItems(a.items, b.items);
  throw new Error(`“${typeName(a)}” and “${typeName(b)}” have no order`);
}

function compareItems(a: readonly Value[], b: readonly Value[]): number {
  return deeper(() => {
    const other = a.findIndex((one, i) => i >= b.length || !equal(one, b[i]));
    return other === -1 || other >= b.length ? a.length - b.length : compare(a[other], b[other]);
  });
}

export function contains(container: Value, value: Value): boolean {
  if (typeof container === 'string') {
    if (typeof value !== 'string') throw new Error(`“in” a text needs a text, not “${typeName(value)}”`);
    return find(container, value) !== -1;
  }
  if (isDict(container)) return value !== null && value !== undefined && container.has(keyOf(value));
  return iterate(container).some((item) => equal(item, value));
}

/** A key of a dict. Only texts and whole numbers are taken; Python takes more. */
export function keyOf(value: Value): Key {
  if (typeof value === 'string') read(value.length);
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw new Error(`a key of the type “${typeName(value)}” is not computed here`);
}

/** `str(value)`, as a template prints it. */
export function text(value: Value): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : repr(value);
}

/** `repr(value)`, as it stands inside a printed list. */
export function repr(value: Value): string {
  visit(1);
  if (value === undefined) return 'Undefined';
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return quoted(value);
  if (value instanceof Float) return floatText(value.value);
  if (isList(value)) return `[${listed(value)}]`;
  if (value instanceof Tuple) return `(${listed(value.items)}${value.items.length === 1 ? ',' : ''})`;
  if (isDict(value)) {
    visit(value.size);
    const members = deeper(() => [...value].map(([key, item]) => joined([repr(key), repr(item)], ': ')));
    return `{${joined(members, ', ')}}`;
  }
  throw new Error(`a “${typeName(value)}” is printed, which writes no text of the model's`);
}

function listed(items: readonly Value[]): string {
  return joined(
    deeper(() => items.map(repr)),
    ', ',
  );
}

export function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 16)
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  if (power < 0) return `${value < 0 ? '-' : ''}0.${'0'.repeat(-power - 1)}${digits.replace(/[-.]/g, '')}`;
  const fixed = String(value);
  return fixed.includes('.') ? fixed : `${fixed}.0`;
}

const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

function quoted(value: string): string {
  // Each character is looked at by itself.
  visit(value.length);
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  let written = '';
  for (const character of value) {
    if (character === quote) written += `\\${quote}`;
    else if (Object.hasOwn(named, character)) written += named[character] as string;
    else if (character !== ' ' && /[\p{C}\p{Z}]/u.test(character))
      written += escaped(character.codePointAt(0) ?? 0);
    else written += character;
  }
  return `${quote}${written}${quote}`;
}

function escaped(point: number): string {
  const hex = point.toString(16);
  if (point < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return point < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
