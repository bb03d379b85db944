/**
 * Typed reading of config.json and its like. A missing key or null is the default; a value of another kind is
 * an error with key and value.
 */
import { JsonField } from '../json-field.ts';

type Range = readonly [number, number];

export class ConfigReader {
  readonly #object: JsonField;

  constructor(value: unknown, place = '', file = 'config.json') {
    this.#object = new JsonField(value, file, place);
    this.#object.members();
  }

  /** For messages. */
  get file(): string {
    return this.#object.file;
  }

  has(key: string): boolean {
    return this.raw(key) !== undefined;
  }

  /** True for an explicit null too. */
  declares(key: string): boolean {
    return this.#object.at(key).raw !== undefined;
  }

  /** Undefined for a missing key and for null, which transformers writes for "not set". */
  raw(key: string): unknown {
    return this.#object.at(key).raw ?? undefined;
  }

  /** All keys with their values, as they stand in the file. */
  all(): Readonly<Record<string, unknown>> {
    return this.#object.raw as Readonly<Record<string, unknown>>;
  }

  nested(key: string): ConfigReader {
    const { raw, place, file } = this.#object.at(key);
    return new ConfigReader(raw ?? {}, place, file);
  }

  /** Null when the key does not hold an object. */
  child(key: string): ConfigReader | null {
    const { raw } = this.#object.at(key);
    return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? this.nested(key) : null;
  }

  whole(key: string, fallback: number, [low, high]: Range = [1, 2 ** 24]): number {
    return this.#or(key, fallback).whole(low, high);
  }

  number(key: string, fallback: number, [low, high]: Range): number {
    return this.#or(key, fallback).number(low, high);
  }

  flag(key: string, fallback: boolean): boolean {
    return this.#or(key, fallback).flag();
  }

  text(key: string, fallback: string): string {
    return this.#or(key, fallback).text(200);
  }

  /** Token ids: one, a list or none. */
  tokenIds(key: string, fallback: readonly number[]): number[] {
    const value = this.raw(key) ?? fallback;
    const list: unknown[] = Array.isArray(value) ? value : [value];
    const isId = (id: unknown): id is number =>
      typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < 2 ** 24;
    return list.every(isId) ? list : this.refuse(key, 'a token id or a list of them');
  }

  refuse(key: string, expected: string): never {
    return this.#object.at(key).refuse(expected);
  }

  /** A fallback is checked as well: it may be computed of other values of the file. */
  #or(key: string, fallback: unknown): JsonField {
    const { raw, place, file } = this.#object.at(key);
    return new JsonField(raw ?? fallback, file, place);
  }
}
