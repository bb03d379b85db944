import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allowance, measured } from '../../../core/work.ts';
import { characterAt, compareTexts, find, findLast, firstOf, lengthOf, pieces } from './characters.ts';

/** Texts of few letters, some of them beyond U+FFFF, so that parts repeat and overlap. */
const text = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\ufb01', '😀', '😁'), maxLength });
/** Longer than what is left to the engine. */
const repeated = fc
  .tuple(text(4), fc.integer({ min: 1, max: 12 }), text(3))
  .map(([unit, times, rest]) => unit.repeat(times) + rest);

test('what is looked for is found where JavaScript finds it, and texts are cut as by JavaScript', () => {
  const part = fc.oneof(text(3), repeated).filter((one) => one !== '');
  fc.assert(
    fc.property(fc.array(fc.oneof(part, text(5)), { maxLength: 12 }), part, (parts, wanted) => {
      const whole = [...parts, wanted, ...parts].join('');
      for (const one of [whole, parts.join('')])
        measured(allowance(), () => {
          expect(find(one, wanted)).toBe(one.indexOf(wanted));
          expect(findLast(one, wanted)).toBe(one.lastIndexOf(wanted));
          expect(pieces(one, wanted)).toEqual(one.split(wanted));
        });
    }),
    { numRuns: 500 },
  );
});

test('texts are counted, cut and put in order by code points', () => {
  const points = (one: string): number[] => [...one].map((character) => character.codePointAt(0) ?? 0);
  fc.assert(
    fc.property(text(12), text(12), (a, b) =>
      measured(allowance(), () => {
        expect(lengthOf(a)).toBe([...a].length);
        expect(firstOf(a, 3)).toBe([...a].slice(0, 3).join(''));
        expect(characterAt(a, -1)).toBe([...a].at(-1));
        const [x, y] = [points(a), points(b)];
        const other = x.findIndex((point, i) => point !== y[i]);
        const order = other === -1 || other >= y.length ? x.length - y.length : x[other]! - y[other]!;
        expect(Math.sign(compareTexts(a, b))).toBe(Math.sign(order));
      }),
    ),
    { numRuns: 500 },
  );
});

test('a part of the same letters as the text is looked for in proportion to both', () => {
  const [whole, part] = ['a'.repeat(2 ** 22), 'a'.repeat(2 ** 21)];
  measured(allowance(), () => {
    expect(find(whole, `b${part}`)).toBe(-1);
    expect(findLast(whole, `${part}b`)).toBe(-1);
    expect(pieces(whole, part)).toEqual(['', '', '']);
  });
});

test('work that nobody counts is not done', () => {
  expect(() => find('a', 'b')).toThrow('nobody counts');
});
