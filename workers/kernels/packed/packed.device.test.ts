/**
 * Packed weights: every code unpacked, and products against float64 loops. The operations are WebGPU's; their
 * plain reference is held against core's decoder.
 */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { startDevice } from '../../../test/device.ts';
import { decodeFloat32 } from '../../../core/safetensors/decode.ts';
import { tensorsLeftBy } from '../../backend/leaks.ts';
import { noise, relativeError } from '../../backend/reference.ts';
import { packedFormat, type PackedFormat, type PackedMatrix } from './contract.ts';
import {
  disposePacked,
  pack,
  packedDense,
  packedProduct,
  packedProductBack,
  packedRows,
  packsWeights,
} from './packed.ts';
import { plainNumbers, plainProduct, plainProductBack } from './plain.ts';

beforeAll(async () => {
  await startDevice();
});

const dtypes = ['BF16', 'F16'] as const;
const formatOf = (dtype: 'BF16' | 'F16') => packedFormat(dtype) as PackedFormat;
const bytesOf = (codes: Uint16Array) => new Uint8Array(codes.slice().buffer);
const bitsOf = (values: Float32Array) => new Uint32Array(values.slice().buffer);
const isNaNCode = (code: number, format: PackedFormat) =>
  (code & 0x7fff) > (format === 'bfloat16' ? 0x7f80 : 0x7c00);

it('is there on WebGPU', () => {
  expect(packsWeights()).toBe(inject('device') === 'webgpu');
});

it('packs what is 16 bits of a float', () => {
  expect(['BF16', 'F16', 'F32', 'I16', 'F8_E4M3'].map(packedFormat)).toEqual([
    'bfloat16',
    'float16',
    null,
    null,
    null,
  ]);
});

it.each(dtypes)(
  'the plain reference of %s is what the decoder of checkpoints gives, for every code',
  (dtype) => {
    const codes = Uint16Array.from({ length: 65536 }, (_, code) => code);
    expect(Float64Array.from(decodeFloat32(dtype, bytesOf(codes)))).toEqual(
      plainNumbers(codes, formatOf(dtype)),
    );
  },
);

const onWebgpu = () => {
  async function read(make: () => tf.Tensor): Promise<Float32Array> {
    const tensor = tf.tidy(make);
    return tensor.data<'float32'>().finally(() => tensor.dispose());
  }

  describe.each(dtypes)('%s', (dtype) => {
    const format = formatOf(dtype);

    // 65,536 codes; a row of an odd number begins in a word of its own.
    it.each([
      [256, 256],
      [257, 255],
    ] as const)('unpacks every code to the bit, as %i × %i', async (rows, columns) => {
      const codes = Uint16Array.from({ length: rows * columns }, (_, i) => i);
      const matrix = pack(bytesOf(codes), format, [rows, columns]);
      const bits = bitsOf(await read(() => packedDense(matrix)));
      const expected = bitsOf(decodeFloat32(dtype, bytesOf(codes)));
      const wrong = codes.findIndex((code, i) =>
        isNaNCode(code, format) ? (bits[i]! & 0x7fffffff) <= 0x7f800000 : bits[i] !== expected[i],
      );
      expect(wrong).toBe(-1);
      disposePacked(matrix);
    });
  });

  /** Values of ordinary weights, rounded to the format, and the same in float64. */
  function weight(
    dtype: 'BF16' | 'F16',
    rows: number,
    columns: number,
  ): { readonly codes: Uint16Array; readonly values: Float64Array } {
    const bits = new Uint32Array(Float32Array.from(noise(rows, columns, 1).data).buffer);
    // Cut, not rounded: any code will do. A float16 near 1 has the float32's leading fraction bits.
    const codes = Uint16Array.from(bits, (b) =>
      dtype === 'BF16' ? b >>> 16 : ((b >>> 16) & 0x8000) | Math.max(0, ((b >>> 13) & 0x3ffff) - (112 << 10)),
    );
    return { codes, values: plainNumbers(codes, formatOf(dtype)) };
  }

  const cases = [
    // One row, as in generation, and K over 2000.
    { dtype: 'BF16', count: 1, rows: 37, columns: 2051 },
    { dtype: 'F16', count: 1, rows: 130, columns: 64 },
    { dtype: 'BF16', count: 8, rows: 33, columns: 101 },
    { dtype: 'BF16', count: 9, rows: 5, columns: 33 },
    { dtype: 'F16', count: 40, rows: 71, columns: 65 },
    { dtype: 'BF16', count: 33, rows: 2050, columns: 34 },
    { dtype: 'BF16', count: 2, rows: 1, columns: 1 },
  ] as const;

  for (const { dtype, count, rows, columns } of cases) {
    it(`${count} rows with a ${dtype} weight of ${rows} × ${columns}: both products, whole and in parts`, async () => {
      const { codes, values } = weight(dtype, rows, columns);
      const [x, dy] = [noise(count, columns, 2), noise(count, rows, 3)];
      const [there, back] = [
        plainProduct(x.data, values, rows, columns),
        plainProductBack(dy.data, values, rows, columns),
      ];
      const upload = (data: Float64Array, width: number) =>
        tf.tensor2d(Float32Array.from(data), [count, width]);
      for (const parts of new Set([1, Math.min(3, rows)])) {
        const left = await tensorsLeftBy(async () => {
          const matrix = pack(
            bytesOf(codes),
            formatOf(dtype),
            [rows, columns],
            4 * Math.ceil(columns / 2) * Math.ceil(rows / parts),
          );
          expect(matrix.parts).toHaveLength(parts);
          expect(
            relativeError(await read(() => packedProduct(upload(x.data, columns), matrix)), there),
          ).toBeLessThan(2e-6);
          expect(
            relativeError(await read(() => packedProductBack(upload(dy.data, rows), matrix)), back),
          ).toBeLessThan(2e-6);
          expect(await read(() => packedDense(matrix))).toEqual(Float32Array.from(values));
          disposePacked(matrix);
        });
        expect(left).toBe(0);
      }
    });
  }

  it('takes rows out of all parts, in any order, some twice', async () => {
    const { codes, values } = weight('BF16', 10, 7);
    const matrix = pack(bytesOf(codes), 'bfloat16', [10, 7], 3 * 16);
    expect(matrix.parts.map(({ firstRow, rows }) => [firstRow, rows])).toEqual([
      [0, 3],
      [3, 3],
      [6, 3],
      [9, 1],
    ]);
    const ids = [9, 0, 4, 4, 2, 8, 3];
    expect(await read(() => packedRows(matrix, tf.tensor1d(ids, 'int32')))).toEqual(
      Float32Array.from(ids.flatMap((id) => [...values.subarray(7 * id, 7 * id + 7)])),
    );
    disposePacked(matrix);
  });

  it('keeps what is not a number from spreading beyond its own row', async () => {
    const matrix = pack(
      bytesOf(Uint16Array.of(0x7fc0, 0x3f80, 0x4000, 0x3f80, 0x3f80, 0x7f80)),
      'bfloat16',
      [2, 3],
    );
    const y = await read(() => packedProduct(tf.ones([9, 3]), matrix));
    expect([y[0], y[1], y[16], y[17]]).toEqual([NaN, Infinity, NaN, Infinity]);
    disposePacked(matrix);
  });

  it('refuses a result that the device cannot hold in one piece, and operands that do not meet', () => {
    const [rows, columns] = [2 ** 17, 1];
    const matrix: PackedMatrix = pack(new Uint8Array(2 * rows * columns), 'bfloat16', [rows, columns]);
    const x = tf.ones<tf.Rank.R2>([2 ** 15, columns]);
    expect(() => packedProduct(x, matrix)).toThrow(
      /A matrix of 32768 × 131072 numbers takes 16384 MiB, and the device in use holds at most \d+ MiB in one piece/,
    );
    expect(() => packedProductBack(x, matrix)).toThrow('do not meet');
    expect(() => pack(new Uint8Array(4), 'bfloat16', [1, 3])).toThrow('no matrix of 1 × 3');
    expect(() => pack(new Uint8Array(6), 'bfloat16', [1, 3], 7)).toThrow('One row of 3 numbers');
    disposePacked(matrix);
    x.dispose();
  });
};
if (inject('device') === 'webgpu') onWebgpu();
