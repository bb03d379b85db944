import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFloat32 } from '../../core/safetensors/decode.ts';
import type { Dtype } from '../../core/safetensors/dtype.ts';
import { encodeFloat32 } from '../../core/safetensors/encode.ts';
import { buildSafetensors } from '../../core/safetensors/write.ts';
import { openCheckpoint } from '../io/checkpoints/checkpoint.ts';
import { memoryFolder } from '../io/folders/memory-folder.ts';
import { addScaledDifference, taskArithmetic } from './arithmetic.ts';

const f32 = Math.fround;
const stored = (dtype: Dtype, values: readonly number[]) => ({
  dtype,
  bytes: encodeFloat32(dtype, Float32Array.from(values)),
});
const numbers = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e4, max: 1e4 });

test.each(['BF16', 'F16', 'F32', 'F64'] as const)(
  '%s: one rounding an operation and one to the stored type',
  (dtype) => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(numbers, numbers, numbers), { minLength: 1, maxLength: 50 }),
        fc.float({ min: -2, max: 2, noNaN: true }),
        (rows, lambda) => {
          const column = (i: 0 | 1 | 2) => rows.map((row) => row[i]);
          const [own, lrm, base] = [
            stored(dtype, column(0)),
            stored(dtype, column(1)),
            stored(dtype, column(2)),
          ];
          const [w, a, b] = [own, lrm, base].map(({ bytes }) => decodeFloat32(dtype, bytes)) as [
            Float32Array,
            Float32Array,
            Float32Array,
          ];
          const expected = w.map((value, i) =>
            f32(value + f32(f32(lambda) * f32((a[i] as number) - (b[i] as number)))),
          );
          expect(addScaledDifference(own, lrm, base, lambda, 'w')).toEqual(encodeFloat32(dtype, expected));
        },
      ),
    );
  },
);

test('mixed element types are computed in float32 and stored as the first; what cannot be stored is named', () => {
  expect(addScaledDifference(stored('BF16', [1]), stored('F32', [3]), stored('F16', [2]), 0.5, 'w')).toEqual(
    stored('BF16', [1.5]).bytes,
  );
  expect(() =>
    addScaledDifference(stored('BF16', [3e38]), stored('BF16', [3e38]), stored('BF16', [0]), 1, 'model.w'),
  ).toThrow(/model\.w would hold Infinity, which BF16 cannot store/);
  expect(() =>
    addScaledDifference(stored('BF16', [1]), stored('BF16', [NaN]), stored('BF16', [0]), 1, 'model.w'),
  ).toThrow(/NaN/);
});

test('a tensor longer than one piece comes out whole, and the same as in one go', async () => {
  const count = 2 ** 20 + 777;
  const make = (seed: number) =>
    Float32Array.from({ length: count }, (_, i) => ((i * seed) % 1013) / 512 - 1);
  const files = await Promise.all(
    [3, 5, 7].map((seed) => {
      const bytes = encodeFloat32('BF16', make(seed));
      return openCheckpoint(
        memoryFolder(`m${seed}`, {
          'config.json': '{}',
          'model.safetensors': buildSafetensors(
            [{ name: 'w', dtype: 'BF16', shape: [count], bytes }],
            new Map(),
          ),
        }),
      );
    }),
  );
  const [vlm, lrm, base] = files.map((checkpoint) => ({ checkpoint, tensor: 'w' })) as [
    { checkpoint: (typeof files)[0]; tensor: string },
    { checkpoint: (typeof files)[0]; tensor: string },
    { checkpoint: (typeof files)[0]; tensor: string },
  ];
  const pieces: Uint8Array[] = [];
  for await (const piece of taskArithmetic({ vlm, lrm, base }, 0.7)) pieces.push(piece);
  expect(pieces.length).toBe(2);
  const whole = addScaledDifference(
    { dtype: 'BF16', bytes: await vlm.checkpoint.readRaw('w') },
    { dtype: 'BF16', bytes: await lrm.checkpoint.readRaw('w') },
    { dtype: 'BF16', bytes: await base.checkpoint.readRaw('w') },
    0.7,
    'w',
  );
  expect(Buffer.concat(pieces).equals(Buffer.from(whole))).toBe(true);
});
