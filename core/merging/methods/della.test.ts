import { expect, test } from 'vitest';
import { completeSettings } from '../choose.ts';
import type { TensorPiece, TensorSource } from '../method.ts';
import { della } from './della.ts';

const columns = 64;
const rows = 256;
/** In each row τ rises with the column; the VLM is 0. */
const source: TensorSource = {
  name: 'w',
  columns,
  async *pieces(): AsyncIterable<TensorPiece> {
    for (let at = 0; at < rows * columns; at += 16 * columns)
      yield {
        at,
        vlm: new Float32Array(16 * columns),
        base: new Float32Array(16 * columns),
        lrm: Float32Array.from({ length: 16 * columns }, (_, i) => ((i % 2) - 0.5) * (1 + (i % columns))),
      };
  },
};

async function merged(given: Readonly<Record<string, number>>): Promise<number[]> {
  const all: number[] = [];
  for await (const piece of della.stream?.merge(
    source,
    completeSettings(della, given) as Parameters<NonNullable<typeof della.stream>['merge']>[1],
  ) ?? [])
    all.push(...piece);
  return all;
}
const tau = async (): Promise<number[]> => {
  const all: number[] = [];
  for await (const { lrm } of source.pieces()) all.push(...lrm);
  return all;
};
const l1 = (values: readonly number[]): number => values.reduce((sum, value) => sum + Math.abs(value), 0);

test('large entries stay more often, d ± ε at the ends, and the sum of magnitudes is what it was', async () => {
  const values = await merged({ density: 0.5, epsilon: 0.4, seed: 3 });
  const stays = (from: number): number => {
    const own = values.filter((_, i) => i % columns >= from && i % columns < from + 8);
    return own.filter((value) => value !== 0).length / own.length;
  };
  // 2,048 draws each: five standard deviations are about 0.05. The means of p over eight ranks are exact.
  expect(Math.abs(stays(0) - (0.1 + (0.8 * 3.5) / 63))).toBeLessThan(0.05);
  expect(Math.abs(stays(28) - (0.1 + (0.8 * 31.5) / 63))).toBeLessThan(0.06);
  expect(Math.abs(stays(56) - (0.1 + (0.8 * 59.5) / 63))).toBeLessThan(0.05);
  expect(l1(values) / l1(await tau())).toBeCloseTo(1, 5);
});

test('density 1 keeps every entry; another seed drops others, the same seed the same', async () => {
  expect(await merged({ density: 1 })).toEqual(await tau());
  expect(await merged({ seed: 1 })).toEqual(await merged({ seed: 1 }));
  expect(await merged({ seed: 1 })).not.toEqual(await merged({ seed: 2 }));
});

test('probabilities beyond 0 and 1 are refused in a sentence that says what to choose', async () => {
  await expect(merged({ density: 0.1, epsilon: 0.15 })).rejects.toThrow(
    /probability of 0\.1 ± 0\.15: density ± epsilon must lie between 0 and 1\. Choose a smaller epsilon/,
  );
  await expect(merged({ density: 0.9, epsilon: 0.15 })).rejects.toThrow(/0\.9 ± 0\.15/);
});
