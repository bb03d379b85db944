import { expect, test } from 'vitest';
import { isRight, neverRight, wilsonScore } from './score.ts';

// scipy 1.17.1, binomtest(k, n).proportion_ci(method='wilson').
test.each([
  [8, 10, 0.49016, 0.94332],
  [0, 20, 0, 0.161125],
  [20, 20, 0.838875, 1],
  [81, 263, 0.255295, 0.366187],
])('Wilson interval of %i in %i', (correct, total, low, high) => {
  const score = wilsonScore(correct, total);
  expect(score.low).toBeCloseTo(low, 4);
  expect(score.high).toBeCloseTo(high, 4);
});

test('an empty set says nothing', () => expect(wilsonScore(0, 0)).toMatchObject({ low: 0, high: 1 }));

test('scoring rules', () => {
  expect(isRight('yes', 'yes', 'exact')).toBe(true);
  expect(isRight('yes ', 'yes', 'exact')).toBe(false);
  expect(isRight('3+4=9=11', '3+4*2=3+8=11', 'final')).toBe(true);
  expect(isRight('11', '3+4*2=3+8=11', 'final')).toBe(false);
});

test('an expected answer says something', () => {
  for (const blank of ['', ' ', '\n\t']) {
    expect(neverRight(blank, 'exact')).toContain('something in it');
    expect(neverRight(blank, 'final')).toContain('something in it');
  }
  expect(neverRight('3+4=', 'final')).toContain('behind its last “=”');
  expect(neverRight('3+4=', 'exact')).toBeNull();
  expect(neverRight('7', 'final')).toBeNull();
});
