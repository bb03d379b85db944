import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBoundedJson } from './bounded-json.ts';

test('is JSON.parse for whatever is not nested deeply', () => {
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 8 }),
      (text) => void expect(parseBoundedJson(text)).toEqual(JSON.parse(text)),
    ),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string({ unit: fc.constantFrom('[', ']', '{', '}', '"', '\\', 'a', ',', ':') }),
      ),
      (text) => {
        const attempt = (parse: (text: string) => unknown): unknown => {
          try {
            return parse(text);
          } catch (error) {
            return (error as Error).name;
          }
        };
        expect(attempt(parseBoundedJson)).toEqual(attempt(JSON.parse));
      },
    ),
    { numRuns: 2000 },
  );
});

test("reads the numbers that Python's json writes beside JSON's own, and no other word", () => {
  expect(parseBoundedJson('[NaN, Infinity,-Infinity, {"NaN": NaN, "a": "Infinity, NaN"}]')).toEqual([
    NaN,
    Infinity,
    -Infinity,
    { NaN: NaN, a: 'Infinity, NaN' },
  ]);
  expect(parseBoundedJson('\t-Infinity\n')).toBe(-Infinity);
  expect(['-Infinity', ' -Infinity', 'Infinity'].map(parseBoundedJson)).toEqual([
    -Infinity,
    -Infinity,
    Infinity,
  ]);
  expect(parseBoundedJson('{"__proto__":NaN,"s":"\\"NaN"}')).toEqual(
    Object.defineProperty({ s: '"NaN' }, '__proto__', { value: NaN, enumerable: true }),
  );
  const others =
    '{NaN:1} {"a":1NaN} [1Infinity] [Infinity5] [1.Infinity] [-NaN] [NaN NaN] [+Infinity] [nan] [INF] {NaN :1} [NaN';
  for (const text of others.split(/ (?=[[{])/))
    expect(() => parseBoundedJson(text), text).toThrow(SyntaxError);
});

test('brackets in strings are text, and a hundred levels are enough', () => {
  const quoted = JSON.stringify({ a: '['.repeat(5000), 'b"\\': '{"'.repeat(500) });
  expect(parseBoundedJson(quoted)).toEqual(JSON.parse(quoted));
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  expect(parseBoundedJson(nested(100))).toBeDefined();
  expect(() => parseBoundedJson(nested(101))).toThrow(SyntaxError);
});

test('sixty million open brackets are refused at the hundred and first, and the rest is not read', () => {
  expect(() => parseBoundedJson('['.repeat(60_000_000))).toThrow(
    /nested more than 100 deep at character 100, /,
  );
});

test('more members than any file of a model has are refused; colons in strings are text', () => {
  const members = (count: number) => `{${'"a":1,'.repeat(count)}"b":":${':'.repeat(1_000_000)}"}`;
  expect(parseBoundedJson(members(500_000))).toMatchObject({ a: 1 });
  expect(() => parseBoundedJson(members(600_000))).toThrow(/has more than 600000 names of values/);
});
