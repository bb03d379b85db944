import { describe, expect, test } from 'vitest';
import { svdFlops } from '../../kernels/svd/svd.ts';
import { firstLook, largestFirst, previewOversampling, previewRank } from './decompose-plan.ts';

const slot = (rows: number, columns: number) => ({ shape: [rows, columns] as const });

describe('a first look', () => {
  test.each([
    [576, 576, 'preview'],
    [1536, 576, 'preview'],
    [2048, 11008, 'preview'],
    // Over in some 10 ms, or nearly as dear to preview as to decompose.
    [192, 576, 'decompose'],
    [128, 352, 'decompose'],
    [64, 100_000, 'decompose'],
    [1, 1, 'decompose'],
  ] as const)('at %i × %i is a %s', (rows, columns, expected) =>
    expect(firstLook(slot(rows, columns))).toBe(expected),
  );

  test('costs a small part of SmolLM2-135M’s decompositions', () => {
    const layer = [
      slot(576, 576),
      slot(576, 576),
      slot(192, 576),
      slot(192, 576),
      slot(1536, 576),
      slot(1536, 576),
      slot(576, 1536),
    ];
    const flops = layer.map(({ shape: [rows, columns] }) => svdFlops(rows, columns));
    const previews = layer.map((one) =>
      firstLook(one) === 'preview'
        ? 8 * one.shape[0] * one.shape[1] * (previewRank + previewOversampling)
        : 0,
    );
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    expect(sum(previews) / sum(flops)).toBeLessThan(0.07);
  });
});

test('the largest come first, equals in the model’s order, and only those asked for', () => {
  const slots = [slot(10, 10), slot(30, 30), slot(10, 10), slot(30, 40), slot(40, 30), slot(90, 90)];
  expect(largestFirst(slots, [0, 1, 2, 3, 4])).toEqual([3, 4, 1, 0, 2]);
});
