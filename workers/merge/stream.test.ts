import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFloat32 } from '../../core/safetensors/decode.ts';
import type { Dtype } from '../../core/safetensors/dtype.ts';
import { encodeFloat32 } from '../../core/safetensors/encode.ts';
import { buildSafetensors } from '../../core/safetensors/write.ts';
import { openCheckpoint } from '../io/checkpoints/checkpoint.ts';
import { memoryFolder } from '../io/folders/memory-folder.ts';
import { streamMethods } from '../../core/merging/methods.ts';
import type { StreamInputs } from './sources.ts';
import { mergeStream, mergeTensor } from './stream.ts';

const f32 = Math.fround;
type Stored = { readonly dtype: Dtype; readonly bytes: Uint8Array<ArrayBuffer> };
const stored = (dtype: Dtype, values: readonly number[]): Stored => ({
  dtype,
  bytes: encodeFloat32(dtype, Float32Array.from(values)),
});
const arithmetic = streamMethods.find(({ id }) => id === 'task-arithmetic');
if (!arithmetic) throw new Error('Task arithmetic merges in a stream.');

/** One tensor of three models that have nothing else. */
async function inputsOf(tensor: string, shape: readonly number[], all: readonly [Stored, Stored, Stored]) {
  const [vlm, lrm, base] = (await Promise.all(
    all.map(async ({ dtype, bytes }, i) => ({
      tensor,
      checkpoint: await openCheckpoint(
        memoryFolder(`m${i}`, {
          'config.json': '{}',
          'model.safetensors': buildSafetensors([{ name: tensor, dtype, shape, bytes }], new Map()),
        }),
      ),
    })),
  )) as [StreamInputs['vlm'], StreamInputs['lrm'], StreamInputs['base']];
  return { vlm, lrm, base };
}
const added = async (own: Stored, lrm: Stored, base: Stored, lambda: number, tensor: string) => {
  const elements = decodeFloat32(own.dtype, own.bytes).length;
  return mergeTensor(
    arithmetic,
    { gate: 1, lambda },
    await inputsOf(tensor, [1, elements], [own, lrm, base]),
  );
};
const numbers = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e4, max: 1e4 });

test.each(['BF16', 'F16', 'F32', 'F64'] as const)(
  '%s: one rounding an operation and one to the stored type',
  async (dtype) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(numbers, numbers, numbers), { minLength: 1, maxLength: 50 }),
        fc.float({ min: -2, max: 2, noNaN: true }),
        async (rows, lambda) => {
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
          expect(await added(own, lrm, base, lambda, 'w')).toEqual(encodeFloat32(dtype, expected));
        },
      ),
    );
  },
);

test('mixed element types are computed in float32 and stored as the first; what cannot be stored is named', async () => {
  expect(await added(stored('BF16', [1]), stored('F32', [3]), stored('F16', [2]), 0.5, 'w')).toEqual(
    stored('BF16', [1.5]).bytes,
  );
  await expect(
    added(stored('BF16', [3e38]), stored('BF16', [3e38]), stored('BF16', [0]), 1, 'model.w'),
  ).rejects.toThrow(/model\.w would hold Infinity, which BF16 cannot store/);
  await expect(
    added(stored('BF16', [1]), stored('BF16', [NaN]), stored('BF16', [0]), 1, 'model.w'),
  ).rejects.toThrow(/NaN/);
});

test('a tensor longer than one piece comes out whole, and the same as its halves', async () => {
  const [rows, columns] = [1030, 1024];
  const make = (seed: number, from = 0, to = rows) =>
    stored(
      'BF16',
      Array.from(
        { length: (to - from) * columns },
        (_, i) => (((i + from * columns) * seed) % 1013) / 512 - 1,
      ),
    );
  const inputs = (from: number, to: number) =>
    inputsOf('w', [to - from, columns], [make(3, from, to), make(5, from, to), make(7, from, to)]);
  const pieces: Uint8Array[] = [];
  for await (const piece of mergeStream(arithmetic, { gate: 1, lambda: 0.7 }, await inputs(0, rows)))
    pieces.push(piece);
  // Whole rows, about 2²⁰ elements at a time.
  expect(pieces.map(({ length }) => length)).toEqual([1024 * columns * 2, 6 * columns * 2]);
  const halves = [await inputs(0, 500), await inputs(500, rows)];
  const merged = await Promise.all(
    halves.map((half) => mergeTensor(arithmetic, { gate: 1, lambda: 0.7 }, half)),
  );
  expect(Buffer.concat(pieces).equals(Buffer.concat(merged))).toBe(true);
});
