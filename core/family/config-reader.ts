/**
 * Typed reading of config.json and its like. A missing key or null is the default; a value of another kind is
 * an error with key and value.
 */
import { StudioError } from '../errors.ts';

type Range = readonly [number, number];

const show = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 80);

export class ConfigReader {
  readonly #values: Readonly<Record<string, unknown>>;
  /** Where the object stands, for messages: `text_config.` inside a nested one. */
  readonly #path: string;
  /** For messages. */
  readonly file: string;

  constructor(value: unknown, path = '', file = 'config.json') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const what = path === '' ? file : `${file}: ${path.slice(0, -1)}`;
      throw new StudioError('bad-file', `${what} must be an object, not ${show(value)}.`, {
        details: { file, value: show(value) },
      });
    }
    this.#values = value as Readonly<Record<string, unknown>>;
    this.#path = path;
    this.file = file;
  }

  has(key: string): boolean {
    return this.raw(key) !== undefined;
  }

  /** True for an explicit null too. */
  declares(key: string): boolean {
    return Object.hasOwn(this.#values, key);
  }

  /** Undefined for a missing key and for null, which transformers writes for "not set". */
  raw(key: string): unknown {
    return Object.hasOwn(this.#values, key) ? (this.#values[key] ?? undefined) : undefined;
  }

  nested(key: string): ConfigReader {
    return new ConfigReader(this.raw(key) ?? {}, `${this.#path}${key}.`, this.file);
  }

  /** Null when the key does not hold an object. */
  child(key: string): ConfigReader | null {
    const value = this.raw(key);
    return typeof value === 'object' && !Array.isArray(value)
      ? new ConfigReader(value, `${this.#path}${key}.`, this.file)
      : null;
  }

  whole(key: string, fallback: number, [low, high]: Range = [1, 2 ** 24]): number {
    const value = this.raw(key) ?? fallback;
    return typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high
      ? value
      : this.refuse(key, `a whole number from ${low} to ${high}`);
  }

  number(key: string, fallback: number, [low, high]: Range): number {
    const value = this.raw(key) ?? fallback;
    return typeof value === 'number' && value >= low && value <= high
      ? value
      : this.refuse(key, `a number from ${low} to ${high}`);
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.raw(key) ?? fallback;
    return typeof value === 'boolean' ? value : this.refuse(key, 'true or false');
  }

  text(key: string, fallback: string): string {
    const value = this.raw(key) ?? fallback;
    return typeof value === 'string' && value.length <= 200 ? value : this.refuse(key, 'a short text');
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
    const value = show(this.raw(key));
    const message = `${this.file}: ${this.#path}${key} must be ${expected}, not ${value}.`;
    throw new StudioError('bad-file', message, {
      details: { file: this.file, key: `${this.#path}${key}`, value },
    });
  }
}
