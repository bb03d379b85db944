/**
 * Reading JSON that anyone may have written: each field is checked, and what is wrong is named with its
 * place.
 */
import { parseBoundedJson } from '../../core/bounded-json.ts';
import { StudioError } from '../../core/errors.ts';

export class Field {
  readonly #value: unknown;
  readonly #file: string;
  readonly #place: string;

  constructor(value: unknown, file: string, place = '') {
    this.#value = value;
    this.#file = file;
    this.#place = place;
  }

  static parse(text: string, file: string): Field {
    try {
      return new Field(parseBoundedJson(text), file);
    } catch (cause) {
      throw new StudioError('bad-file', `${file} is not valid JSON.`, { details: { file }, cause });
    }
  }

  get absent(): boolean {
    return this.#value === undefined || this.#value === null;
  }

  at(key: string): Field {
    const object = this.object();
    return new Field(
      Object.hasOwn(object, key) ? object[key] : undefined,
      this.#file,
      this.#place ? `${this.#place}.${key}` : key,
    );
  }

  object(): Readonly<Record<string, unknown>> {
    if (typeof this.#value !== 'object' || this.#value === null || Array.isArray(this.#value))
      return this.#refuse('an object');
    return this.#value as Readonly<Record<string, unknown>>;
  }

  list(maxLength = 100_000, minLength = 0): Field[] {
    if (!Array.isArray(this.#value) || this.#value.length > maxLength || this.#value.length < minLength)
      return this.#refuse(`a list of ${minLength} to ${maxLength} entries`);
    return this.#value.map((item, i) => new Field(item, this.#file, `${this.#place}[${i}]`));
  }

  text(maxLength = 2000): string {
    if (typeof this.#value !== 'string' || this.#value.length > maxLength)
      return this.#refuse(`a text of at most ${maxLength} characters`);
    return this.#value;
  }

  /** `[low, high]`, both included. */
  number(low: number, high: number): number {
    if (typeof this.#value !== 'number' || !(this.#value >= low && this.#value <= high))
      return this.#refuse(`a number from ${low} to ${high}`);
    return this.#value;
  }

  integer(low: number, high: number): number {
    const value = this.number(low, high);
    return Number.isInteger(value) ? value : this.#refuse('a whole number');
  }

  oneOf<T extends string>(...choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.#value);
    return found ?? this.#refuse(`one of ${choices.join(', ')}`);
  }

  /** `#rrggbb` */
  color(): readonly [number, number, number] {
    const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(this.text(7));
    const part = (i: number) => parseInt(match?.[i] ?? '', 16);
    return match ? [part(1), part(2), part(3)] : this.#refuse('a colour such as #19191c');
  }

  /** A relative path that stays in its folder. */
  path(): string {
    const path = this.text(500);
    if (
      path
        .split('/')
        .some((segment) => segment === '' || segment === '.' || segment === '..' || /[\\:\0]/.test(segment))
    ) {
      return this.#refuse('a path inside the folder of the manifest');
    }
    return path;
  }

  #refuse(wanted: string): never {
    const value = JSON.stringify(this.#value)?.slice(0, 80) ?? 'nothing';
    throw new StudioError(
      'bad-file',
      `${this.#file}: ${this.#place || 'the whole file'} must be ${wanted}, not ${value}.`,
      {
        details: { file: this.#file, field: this.#place, value },
      },
    );
  }
}
