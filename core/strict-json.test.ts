import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonError, parseStrictJson, type JsonValue } from './strict-json.ts';

function plain(value: JsonValue): unknown {
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

const accepts = (parse: (text: string) => unknown, text: string): { value: unknown } | null => {
  try {
    return { value: parse(text) };
  } catch {
    return null;
  }
};

describe('parseStrictJson', () => {
  it('reads what JSON.parse reads, to the same value', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        expect(plain(parseStrictJson(text))).toEqual(JSON.parse(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses what JSON.parse refuses', () => {
    const fragment = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '"a"',
      '"\\u00e9"',
      '\\n',
      '0',
      '-',
      '1',
      '.',
      'e',
      '+',
      'true',
      'null',
      ' ',
      '\n',
      '\u0001',
      '\ud800',
      'x',
    );
    const text = fc.array(fragment, { maxLength: 10 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (candidate) => {
        const native = accepts(JSON.parse, candidate);
        const ours = accepts((source) => plain(parseStrictJson(source)), candidate);
        expect(ours).toEqual(native);
      }),
      { numRuns: 20_000 },
    );
  });

  it("reads Python's numbers where it is told to, and nowhere else", () => {
    const python = { maxDepth: 3, maxValues: 10, pythonNumbers: true };
    expect(parseStrictJson('[NaN, -Infinity,Infinity, -1]', python)).toEqual([NaN, -Infinity, Infinity, -1]);
    for (const text of ['[-NaN]', '[NaN1]', '[Infinity0]', '{NaN:1}', '[nan]', '[1Infinity]'])
      expect(() => parseStrictJson(text, python), text).toThrow(JsonError);
    for (const text of ['[NaN]', '[Infinity]', '[-Infinity]'])
      expect(() => parseStrictJson(text), text).toThrow(JsonError);
  });

  it('refuses a key given twice, depth and number of values beyond the limits', () => {
    expect(() => parseStrictJson('{"a":1,"\\u0061":2}')).toThrow(/given twice/);
    expect(() => parseStrictJson('[[[]]]', { maxDepth: 2, maxValues: 10 })).toThrow(/too deeply/);
    expect(() => parseStrictJson('[1,2,3]', { maxDepth: 2, maxValues: 3 })).toThrow(/more than 3 values/);
    const few = { maxDepth: 3, maxValues: 100, maxContainers: 3 };
    expect(parseStrictJson('[[1,2],{"a":3}]', few)).toHaveLength(2);
    expect(() => parseStrictJson('[[1,2],{"a":3},[]]', few)).toThrow(/more than 3 lists and objects/);
    expect(() => parseStrictJson('['.repeat(1e6))).toThrow(JsonError);
  });

  it('reads long strings, plain and full of escapes, and long runs of backslashes', () => {
    for (const long of ['x'.repeat(2e7), '"'.repeat(5e6), '\\'.repeat(5e6)])
      expect(parseStrictJson(JSON.stringify(long)) === long).toBe(true);
  });
});
