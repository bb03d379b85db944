/**
 * JSON as RFC 8259 has it, and stricter than JSON.parse: a key given twice is an error (JSON.parse keeps the
 * last one, so a header could show one thing to this reader and another to the next), and nesting and the
 * number of values are bounded, so that a hostile text of 100 MB is refused quickly. Objects become Maps:
 * `__proto__` is a key like any other.
 *
 * Throws a plain JsonError; callers turn it into a StudioError that names the file.
 */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export type JsonObject = Map<string, JsonValue>;

export class JsonError extends Error {
  /** `members`: an object went past `maxMembers`. Everything else is `syntax`. */
  readonly reason: 'syntax' | 'members';
  /** How many values were begun before the text was refused, the one that was refused included. */
  readonly values: number;

  constructor(message: string, values: number, reason: 'syntax' | 'members' = 'syntax') {
    super(message);
    this.reason = reason;
    this.values = values;
  }
}

export interface JsonLimits {
  readonly maxDepth: number;
  /** The most values of all kinds together, containers included. */
  readonly maxValues: number;
  /** The most arrays and objects together, each of which takes far more memory than a number. No limit when absent. */
  readonly maxContainers?: number;
  /** The most members of one object. There is no such limit when it is absent. */
  readonly maxMembers?: number;
  /** Whether NaN, Infinity and -Infinity are read, which Python's `json` writes and RFC 8259 does not know. */
  readonly pythonNumbers?: boolean;
}

const special = /[\\\u0000-\u001f]/;
const pythonNumber = /NaN|-?Infinity/y;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/** Whether an odd number of backslashes stands before `at`. */
function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text.charCodeAt(before - 1) === 0x5c) before -= 1;
  return (at - before) % 2 === 1;
}

export function parseStrictJson(
  text: string,
  limits: JsonLimits = { maxDepth: 32, maxValues: 2_000_000 },
): JsonValue {
  let at = 0;
  let values = 0;
  let containers = 0;
  const numbers = limits.pythonNumbers ? [number, pythonNumber] : [number];

  const fail = (what: string): never => {
    throw new JsonError(`${what} at character ${at}`, values);
  };

  const skipSpace = (): void => {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      at += 1;
    }
  };

  const literal = <T extends JsonValue>(word: string, value: T): T => {
    if (!text.startsWith(word, at)) fail('unexpected text');
    at += word.length;
    return value;
  };

  /**
   * `at` is on the opening quote. A loop for short strings, native searches for what is longer or escaped (an
   * embedded recipe is megabytes).
   */
  const string = (): string => {
    const begin = at;
    for (let i = begin + 1; i < begin + 64; i += 1) {
      const code = text.charCodeAt(i);
      if (code === 0x22) {
        at = i + 1;
        return text.slice(begin + 1, i);
      }
      // NaN, past the end, fails this comparison too.
      if (!(code >= 0x20) || code === 0x5c) break;
    }
    let end = begin;
    do {
      end = text.indexOf('"', end + 1);
      if (end < 0) fail('a string without an end');
    } while (isEscaped(text, end));
    at = end + 1;
    const inside = text.slice(begin + 1, end);
    if (!special.test(inside)) return inside;
    try {
      return JSON.parse(text.slice(begin, at)) as string;
    } catch {
      at = begin;
      return fail('a control character or bad escape in the string');
    }
  };

  const array = (depth: number): JsonValue[] => {
    const items: JsonValue[] = [];
    at += 1;
    skipSpace();
    if (text[at] === ']') {
      at += 1;
      return items;
    }
    for (;;) {
      items.push(value(depth));
      skipSpace();
      const next = text[at];
      at += 1;
      if (next === ']') return items;
      if (next !== ',') fail('expected "," or "]" before this');
    }
  };

  const object = (depth: number): JsonObject => {
    const members: JsonObject = new Map();
    at += 1;
    skipSpace();
    if (text[at] === '}') {
      at += 1;
      return members;
    }
    for (;;) {
      skipSpace();
      if (text[at] !== '"') fail('expected a key');
      const key = string();
      if (members.size === limits.maxMembers)
        throw new JsonError(`an object of more than ${limits.maxMembers} members`, values, 'members');
      if (members.has(key)) fail(`the key ${JSON.stringify(key)} is given twice, the second time ending`);
      skipSpace();
      if (text[at] !== ':') fail('expected ":"');
      at += 1;
      members.set(key, value(depth));
      skipSpace();
      const next = text[at];
      at += 1;
      if (next === '}') return members;
      if (next !== ',') fail('expected "," or "}" before this');
    }
  };

  const value = (depth: number): JsonValue => {
    values += 1;
    if (values > limits.maxValues) fail(`more than ${limits.maxValues} values`);
    skipSpace();
    if ((text[at] === '{' || text[at] === '[') && ++containers > (limits.maxContainers ?? Infinity))
      fail(`more than ${limits.maxContainers} lists and objects`);
    switch (text[at]) {
      case '{':
        return depth >= limits.maxDepth ? fail('nested too deeply') : object(depth + 1);
      case '[':
        return depth >= limits.maxDepth ? fail('nested too deeply') : array(depth + 1);
      case '"':
        return string();
      case 't':
        return literal('true', true);
      case 'f':
        return literal('false', false);
      case 'n':
        return literal('null', null);
      default: {
        const begin = at;
        const kind = numbers.find((pattern) => {
          pattern.lastIndex = begin;
          return pattern.test(text);
        });
        if (!kind) return fail(at >= text.length ? 'the text ends too early' : 'unexpected text');
        at = kind.lastIndex;
        return Number(text.slice(begin, at));
      }
    }
  };

  const result = value(0);
  skipSpace();
  if (at < text.length) fail('text after the end');
  return result;
}
