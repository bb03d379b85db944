/**
 * Reading JSON that anyone may have written: each value is checked where it is read, and an error names the file,
 * the place of the value, what belongs there and what was found. Objects are those of JSON.parse or the Maps of
 * strict-json.ts.
 */
import { JsonBoundsError, parseBoundedJson } from './bounded-json.ts';
import { StudioError } from './errors.ts';
import { lfsPointer } from './files/text.ts';
import { JsonError, parseStrictJson, type JsonLimits } from './strict-json.ts';

const ownLimits: JsonLimits = { maxDepth: 32, maxValues: 2_000_000 };

type Members = ReadonlyMap<string, unknown> | Readonly<Record<string, unknown>>;

export class JsonField {
  /** As it stands in the file, unchecked; undefined for a key that is not there. */
  readonly raw: unknown;
  /** For messages. */
  readonly file: string;
  /** For messages: `slots[3].id`; empty for the whole file. */
  readonly place: string;

  constructor(raw: unknown, file: string, place = '') {
    this.raw = raw;
    this.file = file;
    this.place = place;
  }

  /** Throws `bad-file` for a text that is no JSON, or nested too deeply; NaN and Infinity are numbers. */
  static parse(text: string, file: string): JsonField {
    try {
      return new JsonField(parseBoundedJson(text), file);
    } catch (cause) {
      const what =
        cause instanceof JsonBoundsError
          ? cause.message
          : `is not valid JSON${whatItIs(text) || faultIn(text)}`;
      throw new StudioError('bad-file', `${file} ${what}.`, { details: { file }, cause });
    }
  }

  /**
   * For the project's own formats: throws `bad-file` for what `parse` refuses, and for an object that has a key
   * twice, of which one would be left out. A byte order mark, as some editors write it, is passed over.
   */
  static strict(text: string, file: string, limits: JsonLimits = ownLimits): JsonField {
    try {
      const plain = text.startsWith('\ufeff') ? text.slice(1) : text;
      return new JsonField(parseStrictJson(plain, { ...limits, pythonNumbers: true }), file);
    } catch (cause) {
      if (!(cause instanceof JsonError)) throw cause;
      const what = whatItIs(text);
      throw new StudioError(
        'bad-file',
        `${file} is not valid JSON${what === '' ? `: ${cause.message}` : what}.`,
        { details: { file }, cause },
      );
    }
  }

  /** True for a key that is not there and for null, which many writers put for "not set". */
  get absent(): boolean {
    return this.raw === undefined || this.raw === null;
  }

  /** The value of a key of this object. */
  at(key: string): JsonField {
    const members = this.members();
    const value =
      members instanceof Map
        ? members.get(key)
        : Object.hasOwn(members, key)
          ? (members as Readonly<Record<string, unknown>>)[key]
          : undefined;
    return new JsonField(value, this.file, this.place === '' ? key : `${this.place}.${key}`);
  }

  members(): Members {
    const { raw } = this;
    return typeof raw === 'object' && raw !== null && !Array.isArray(raw)
      ? (raw as Members)
      : this.refuse('an object');
  }

  keys(): readonly string[] {
    const members = this.members();
    return members instanceof Map ? [...members.keys()] : Object.keys(members);
  }

  list(maxLength = 100_000, minLength = 0): JsonField[] {
    const { raw } = this;
    if (!Array.isArray(raw) || raw.length > maxLength || raw.length < minLength)
      return this.refuse(`a list of ${minLength} to ${maxLength} entries`);
    return raw.map((item, i) => new JsonField(item, this.file, `${this.place}[${i}]`));
  }

  /** Null where it is absent. */
  optional<T>(read: (field: JsonField) => T): T | null {
    return this.absent ? null : read(this);
  }

  text(maxLength = 2000): string {
    const { raw } = this;
    if (typeof raw !== 'string' || raw.length > maxLength)
      return this.refuse(`a text of at most ${maxLength} characters`);
    // An escape such as \ud83d by itself, which no file could be written with.
    return /\p{Surrogate}/u.test(raw) ? this.refuse('a text without half a surrogate pair') : raw;
  }

  /** `[low, high]`, both included. */
  number(low: number, high: number): number {
    const { raw } = this;
    return typeof raw === 'number' && raw >= low && raw <= high
      ? raw
      : this.refuse(`a number from ${low} to ${high}`);
  }

  whole(low: number, high: number): number {
    const { raw } = this;
    return typeof raw === 'number' && Number.isSafeInteger(raw) && raw >= low && raw <= high
      ? raw
      : this.refuse(`a whole number from ${low} to ${high}`);
  }

  flag(): boolean {
    return typeof this.raw === 'boolean' ? this.raw : this.refuse('true or false');
  }

  oneOf<T extends string>(...choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.raw);
    return found ?? this.refuse(`one of ${choices.join(', ')}`);
  }

  /** `#rrggbb` */
  colour(): readonly [number, number, number] {
    const match =
      typeof this.raw === 'string' && /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(this.raw);
    const part = (i: number): number => parseInt((match || [])[i] ?? '', 16);
    return match ? [part(1), part(2), part(3)] : this.refuse('a colour such as #19191c');
  }

  /** A relative path that stays in its folder. */
  path(): string {
    const path = this.text(500);
    const isOutside = path
      .split('/')
      .some((segment) => segment === '' || segment === '.' || segment === '..' || /[\\:\0]/.test(segment));
    return isOutside ? this.refuse('a path inside the folder') : path;
  }

  /** A SHA-256 in hex. */
  sha256(): string {
    return typeof this.raw === 'string' && /^[0-9a-f]{64}$/.test(this.raw)
      ? this.raw
      : this.refuse('a SHA-256 in hex');
  }

  /** Throws `bad-file`: this value is not what belongs here. */
  refuse(wanted: string): never {
    const { file, place } = this;
    const value = showJson(this.raw);
    const message = `${file}: ${place === '' ? 'the whole file' : place} must be ${wanted}, not ${value}.`;
    throw new StudioError('bad-file', message, { details: { file, key: place, value } });
  }
}

/** What stands in the place of a JSON file now and then: a clause for a message, or nothing. */
function whatItIs(text: string): string {
  const start = text.slice(0, 200).trimStart();
  if (start.startsWith('version https://git-lfs')) return `: it is ${lfsPointer.slice(0, -1)}`;
  if (/^<(?:!doctype|html|\?xml)/i.test(start))
    return ': it is a web page, as a server gives in place of a file. Download the file again';
  return start === '' ? ': it is empty. Download the file again' : '';
}

/** Longer texts are not gone through once more. */
const longestSearched = 2 ** 22;

/** What is at fault, and where; JSON.parse says it in other words in each engine. */
function faultIn(text: string): string {
  if (text.length > longestSearched) return '';
  try {
    parseStrictJson(text, { ...ownLimits, pythonNumbers: true });
    return '';
  } catch (thrown) {
    if (!(thrown instanceof JsonError)) throw thrown;
    return `: ${thrown.message}. Correct it there, or download the file again`;
  }
}

/** A value for a message, 80 characters at most. */
export function showJson(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (ArrayBuffer.isView(value)) return `an array of ${value.byteLength} bytes`;
  return value instanceof Map ? '{…}' : (JSON.stringify(value) ?? 'nothing').slice(0, 80);
}
