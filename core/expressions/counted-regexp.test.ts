import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { allowance, measured, type Work } from '../work.ts';
import { CountedRegExp } from './counted-regexp.ts';

const counted = <T>(run: () => T, work: Work = allowance()): T => measured(work, run);
/** What all uses of an expression give for a text. */
const uses = (pattern: RegExp, text: string) => ({
  match: text.match(pattern),
  all: [...text.matchAll(pattern)].map((found) => [found.index, found[0]]),
  split: text.split(pattern),
  replaced: text.replaceAll(pattern, '<$&>'),
});

/** The expressions that cut texts in the tokenizers of well-known models. */
const published: Readonly<Record<string, string>> = {
  'GPT-2': String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
  'Llama 3': String.raw`(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  Qwen2: String.raw`(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  'GPT-4o': String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  'DeepSeek V3': String.raw`[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_\u0060{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  BLOOM: String.raw` ?[^()|\s.,!?…。,、।۔،]+`,
  digits: String.raw`\p{N}(?=(?:\p{N}{3})+(?!\p{N}))`,
  SmolLM: String.raw`\p{N}`,
};
const texts = [
  'It’s 12,345 o’clock; they\'ll say "HELLO, World!"  \n\n  Tabs\tand   spaces   ',
  'def f(x):\r\n    return x**2 + 10000000\n\n\n',
  'Größe über 日本語テキスト 😀😀 e\u0301 İstanbul ﬁ 한국어 ١٢٣',
  '',
  ' ',
  '\ud83d lone \ude00 halves',
];

describe('an expression of a well-known model finds what the engine finds', () => {
  it.each(Object.entries(published))('%s', (_, source) => {
    for (const text of texts) {
      expect(counted(() => uses(new CountedRegExp(source), text))).toEqual(
        uses(new RegExp(source, 'gu'), text),
      );
    }
  });
});

/** Expressions of all that is read, over few letters, nested so deep. */
function expressions(depth: number): fc.Arbitrary<string> {
  const single = fc.constantFrom(
    ...[
      'a',
      'b',
      'é',
      '😀',
      '.',
      '\\s',
      '\\w',
      '[ab]',
      '[^a]',
      '\\p{L}',
      '[^\\p{L}b]',
      '^',
      '$',
      '\\b',
      '\\B',
    ],
  );
  const group = fc.constantFrom('(?:', '(?=', '(?!', '(?<=', '(?<!');
  const atom =
    depth === 0
      ? single
      : fc.oneof(
          single,
          fc.tuple(group, expressions(depth - 1)).map(([open, inner]) => `${open}${inner})`),
        );
  const times = fc.constantFrom(
    '',
    '',
    '*',
    '+',
    '?',
    '{2}',
    '{1,2}',
    '{0,2}',
    '{1,}',
    '*?',
    '+?',
    '??',
    '{1,}?',
  );
  const part = fc.tuple(atom, times).map(([one, many]) => (many === '' ? one : `(?:${one})${many}`));
  const row = fc.array(part, { maxLength: 3 }).map((parts) => parts.join(''));
  return fc.array(row, { minLength: 1, maxLength: 2 }).map((rows) => rows.join('|'));
}
/** Without pairs of surrogates: between the two of one, V8 finds places that are none (`/(?<!^)|a/gu`). */
const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '1', ' ', '\n'), maxLength: 6 });

test('an expression at random finds what the engine finds', () => {
  fc.assert(
    fc.property(expressions(2), letters, (source, text) => {
      expect(counted(() => uses(new CountedRegExp(source), text))).toEqual(
        uses(new RegExp(source, 'gu'), text),
      );
    }),
    { numRuns: 1000 },
  );
});

test('groups find what they find, and put nothing between the pieces', () => {
  expect(counted(() => 'a1b2c'.split(new CountedRegExp('([0-9])')))).toEqual(['a', 'b', 'c']);
  expect(counted(() => 'a1b'.replaceAll(new CountedRegExp('(?<digit>[0-9])'), '-'))).toBe('a-b');
});

describe('an expression that would not end is stopped by its work', () => {
  it.each([
    '(.*)*x',
    '(a+)+$b',
    '(a|a)*b',
    '(a|aa)+$b',
    '(?:a?){40}b',
    `${'a?'.repeat(40)}${'a'.repeat(40)}b`,
    `${'(?:a|a)'.repeat(40)}b`,
    'a*a*a*a*b',
    '(?=(?:a|a)*b)a',
    '(?<=b(?:a|a)*)c',
    '(?:(?:(?:a*)*)*)*b',
    '(?:a|b|ab)*c',
    '\\s*[\\r\\n]+x',
  ])('%s', (source) => {
    const work = allowance(5_000_000);
    const text = `${'a'.repeat(20_000)}${' '.repeat(20_000)}c`;
    expect(() => counted(() => text.match(new CountedRegExp(source)), work)).toThrow('units of work');
    expect(work.units).toBeLessThanOrEqual(work.most);
  });
});

test('the expressions of well-known models take some steps for each character, whatever the text', () => {
  for (const [name, source] of Object.entries(published))
    for (const unit of ['a', ' ', '\n', '1', 'A', '.', ' a', '\n ', 'é', '한', "'"]) {
      // It looks ahead over all digits that follow, at each of them.
      if (name === 'digits' && unit === '1') continue;
      const work = allowance();
      const text = `${unit.repeat(20_000)}x`;
      counted(() => text.match(new CountedRegExp(source)), work);
      expect(work.units, `${source} ${unit}`).toBeLessThan(150 * text.length);
    }
});

test('an expression that keeps too many ways open is stopped before memory is full', () => {
  const many = new CountedRegExp(`(?:${'x??'.repeat(5000)}y)*z`);
  expect(() => counted(() => 'y'.repeat(20_000).match(many))).toThrow('too many ways open');
});

test('what takes the place of a match counts as well', () => {
  const work = { units: 0, most: 100_000 };
  const pattern = new CountedRegExp('a', 'gu', 1000);
  expect(() => counted(() => 'a'.repeat(1000).replaceAll(pattern, 'b'.repeat(1000)), work)).toThrow(
    'units of work',
  );
});

test.each([
  ['(a)\\1', 'refers back'],
  ['(?<x>a)\\k<x>', 'refers back'],
  ['(?:'.repeat(200) + ')'.repeat(200), 'nested too deeply'],
  ['(?:a{100}){1000}', 'is too large'],
])('%s is not read', (source, message) => {
  expect(() => new CountedRegExp(source)).toThrow(message);
});
