/** Arguments of functions, methods, filters and tests, checked as Python checks them. */
import { Float, isList, Tuple, typeName, type Arguments, type Value } from './values.ts';

export class Bound {
  readonly #function: string;
  readonly #values: ReadonlyMap<string, Value>;

  constructor(name: string, values: ReadonlyMap<string, Value>) {
    this.#function = name;
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  value(name: string): Value {
    if (!this.has(name)) throw new Error(`${this.#function} lacks its argument ${name}`);
    return this.#values.get(name);
  }

  /** @param otherwise where it is not given; without one it must be */
  string(name: string, otherwise?: string): string {
    const value = this.#given(name, otherwise);
    return typeof value === 'string' ? value : this.#refuse(name, value);
  }

  whole(name: string, otherwise?: number): number {
    const value = this.#given(name, otherwise);
    if (typeof value === 'boolean') return Number(value);
    return typeof value === 'number' ? value : this.#refuse(name, value);
  }

  boolean(name: string, otherwise: boolean): boolean {
    const value = this.#given(name, otherwise);
    return typeof value === 'boolean' ? value : this.#refuse(name, value);
  }

  /** Null where it is not given, or None. */
  optionalText(name: string): string | null {
    const value = this.#given(name, null);
    return value === null ? null : typeof value === 'string' ? value : this.#refuse(name, value);
  }

  /** Two texts, null where it is not given, or None. */
  optionalPair(name: string): readonly [string, string] | null {
    const value = this.#given(name, null);
    if (value === null) return null;
    const items = isList(value) ? value : value instanceof Tuple ? value.items : [];
    const [first, second] = items;
    return items.length === 2 && typeof first === 'string' && typeof second === 'string'
      ? [first, second]
      : this.#refuse(name, value);
  }

  #given(name: string, otherwise: Value): Value {
    if (this.#values.has(name)) return this.#values.get(name);
    return otherwise === undefined ? this.value(name) : otherwise;
  }

  #refuse(name: string, value: Value): never {
    const shown = value instanceof Float ? 'float' : typeName(value);
    throw new Error(`${this.#function} takes no “${shown}” for ${name}`);
  }
}

/** Throws for an argument too many, or of another name. */
export function bind(name: string, { positional, named }: Arguments, parameters: readonly string[]): Bound {
  const values = new Map<string, Value>();
  if (positional.length > parameters.length) throw new Error(`${name} takes ${parameters.length} arguments`);
  positional.forEach((value, i) => values.set(parameters[i] as string, value));
  for (const [key, value] of named) {
    if (!parameters.includes(key)) throw new Error(`${name} takes no argument ${key}`);
    if (values.has(key)) throw new Error(`${name} is given its argument ${key} twice`);
    values.set(key, value);
  }
  return new Bound(name, values);
}
