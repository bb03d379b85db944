import { expect, test } from 'vitest';
import { sortKeys, type ReadRules } from './rules.ts';

const rules: ReadRules = {
  file: 'made-up.json',
  about: 'A file for this test.',
  keys: {
    rank: { treatment: 'used', why: 'the rank' },
    task: { treatment: 'harmless', why: 'what it was trained for' },
    transposed: { treatment: 'refused', why: 'weights are transposed', idle: [false] },
    scales: { treatment: 'named', why: 'scales some layers', idle: [{}, []] },
  },
  others: { treatment: 'named', why: 'not known here' },
};
const keys = (object: Record<string, unknown>) => {
  const { named, refused } = sortKeys(rules, object);
  return { named: named.map(({ key }) => key), refused: refused.map(({ key }) => key) };
};

test('a key is named or refused by its rule, and one without a rule by that of the others', () => {
  expect(keys({ rank: 4, task: 'x', transposed: true, scales: { q: 2 }, news: 1 })).toEqual({
    named: ['scales', 'news'],
    refused: ['transposed'],
  });
});

test('a key with a value that changes nothing is passed over', () => {
  expect(keys({ transposed: false, scales: {}, news: null })).toEqual({ named: [], refused: [] });
});

test('a key that objects inherit is no rule', () => {
  expect(keys({ constructor: 1, toString: 2 })).toEqual({ named: ['constructor', 'toString'], refused: [] });
});
