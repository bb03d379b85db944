import { expect, test } from 'vitest';
import { createSampler, seededRandom, xoshiro128 } from './random.ts';

test('xoshiro128** gives the outputs of its authors’ C code for state 1 2 3 4', () => {
  const random = xoshiro128(Uint32Array.of(1, 2, 3, 4));
  const expected = [
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ];
  expect(expected.map(() => random.next())).toEqual(expected);
});

test('the same seed and stream repeat, others differ', () => {
  const draw = (seed: number, stream: number) =>
    Array.from(
      { length: 4 },
      (
        (random) => () =>
          random.next()
      )(seededRandom(seed, stream)),
    );
  expect(draw(1, 0)).toEqual(draw(1, 0));
  expect(draw(1, 0)).not.toEqual(draw(1, 1));
  expect(draw(1, 0)).not.toEqual(draw(2, 0));
});

test('an epoch holds every index once', () => {
  const sample = createSampler(10, seededRandom(3, 0));
  const first = [...sample(4), ...sample(6)];
  const second = sample(10);
  expect(first.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(second.toSorted((a, b) => a - b)).toEqual(first.toSorted((a, b) => a - b));
  expect(second).not.toEqual(first);
});
