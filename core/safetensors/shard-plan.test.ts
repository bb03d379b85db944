import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeShardIndex, planShards } from './shard-plan.ts';
import { parseShardIndex } from './shard-index.ts';

const sized = (sizes: readonly number[]) => sizes.map((sizeBytes, i) => ({ name: `t${i}`, sizeBytes }));

test('one file keeps the plain name, several are numbered, and a tensor above the limit stands alone', () => {
  expect(planShards(sized([4, 4]), 8)).toEqual([{ file: 'model.safetensors', tensors: sized([4, 4]) }]);
  expect(planShards(sized([4, 4, 20, 1]), 8).map(({ file, tensors }) => [file, tensors.length])).toEqual([
    ['model-00001-of-00003.safetensors', 2],
    ['model-00002-of-00003.safetensors', 1],
    ['model-00003-of-00003.safetensors', 1],
  ]);
  expect(() => planShards(sized([1]), 0)).toThrow(/positive/);
});

test('every tensor in one shard, in order, no shard over the limit unless one tensor is', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(50), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 60 }),
      (sizes, limit) => {
        const shards = planShards(sized(sizes), limit);
        expect(shards.flatMap(({ tensors }) => tensors)).toEqual(sized(sizes));
        for (const { tensors } of shards) {
          expect(
            tensors.length === 1 || tensors.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) <= limit,
          ).toBe(true);
        }
      },
    ),
  );
});

test('the index is one that our own reader accepts', () => {
  const shards = planShards(sized([5, 5, 5]), 10);
  const text = encodeShardIndex(shards);
  expect(JSON.parse(text)).toMatchObject({ metadata: { total_size: 15 } });
  expect([...parseShardIndex(text, 'index').shards.keys()]).toEqual(shards.map(({ file }) => file));
});
