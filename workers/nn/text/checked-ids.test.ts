import { expect, test } from 'vitest';
import { checkedIds } from './checked-ids.ts';

const check = (ids: readonly (number | undefined)[]): number[] => checkedIds('m', ids, 10, (id) => `<${id}>`);

test('ids that are rows of the model are taken as they are', () => {
  expect(check([0, 9, 3])).toEqual([0, 9, 3]);
});

test.each([
  [[1, undefined, 2], 'no id for a piece of this text'],
  [[undefined], 'no id for a piece of this text'],
  [[1, 10], '<10> with the id 10'],
  [[0.5], 'with the id 0.5'],
  [[-1], 'with the id -1'],
  [[NaN], 'with the id NaN'],
])('%j is refused', (ids, words) => {
  expect(() => check(ids)).toThrow(
    expect.objectContaining({ code: 'unsupported', message: expect.stringContaining(words) }),
  );
});
