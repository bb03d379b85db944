import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { startDevice } from '../../test/device.ts';
import { checkpointOf } from '../../test/stored-as.ts';
import { decodeFloat32 } from '../../core/safetensors/decode.ts';
import { encodeFloat32 } from '../../core/safetensors/encode.ts';
import { matmul, noise, relativeError, type Matrix } from '../backend/reference.ts';
import type { Linear } from '../nn/contract.ts';
import { TensorLoader } from '../nn/tensor-loader.ts';
import { disposeSlot, uploadSlot } from './factors.ts';
import { mergeSlot } from './merge-slot.ts';
import { roundTo } from './round.ts';

beforeAll(async () => {
  await startDevice();
});

const float32 = ({ data }: Matrix) => Float32Array.from(data);

test.each([
  [24, 40],
  [40, 24],
  [1, 7],
])('Eq. 7 on %i × %i, against plain float64 loops, and nothing left behind', async (rows, columns) => {
  const rank = Math.min(rows, columns);
  const [w, u, vt] = [noise(rows, columns, 1), noise(rows, rank, 2), noise(rank, columns, 3)];
  const s = Float32Array.from({ length: rank }, (_, i) => 3 / (i + 1));
  // Another slot's gates come first.
  const offset = 5;
  const gates = Float32Array.from({ length: offset + rank }, (_, i) => (i < offset ? 9 : (i % 4) / 4));
  const lambda = 1.2;
  const scaled = {
    ...u,
    data: u.data.map(
      (value, at) => value * lambda * (gates[offset + (at % rank)] ?? 0) * (s[at % rank] ?? 0),
    ),
  };
  const delta = matmul(scaled, vt);
  const expected = w.data.map((value, i) => value + (delta.data[i] ?? 0));

  const before = tf.memory().numTensors;
  const place = { id: 'x', rank, gates: rank, offset };
  const slot = uploadSlot({ id: 'x', rows, columns, rank, u: float32(u), s, vt: float32(vt) }, place);
  const own = tf.tensor2d(float32(w), [rows, columns]);
  const merged = await mergeSlot(own, slot, gates, lambda, { name: 'x', dtype: 'F32' });
  expect(relativeError(merged?.values ?? [], expected)).toBeLessThan(1e-6);
  expect(await mergeSlot(own, slot, gates, 0, { name: 'x', dtype: 'F32' })).toBeNull();
  expect(
    await mergeSlot(own, slot, new Float32Array(gates.length), lambda, { name: 'x', dtype: 'F32' }),
  ).toBeNull();
  own.dispose();
  disposeSlot(slot);
  expect(tf.memory().numTensors).toBe(before);
});

test('a VLM weight as it is loaded from F16 (packed on WebGPU) merges as its float32 does, subnormals included', async () => {
  const [rows, columns] = [6, 5];
  // Halves from subnormal to large, and of the layer's first row nothing is merged in: it must come back to
  // the bit.
  const bytes = encodeFloat32(
    'F16',
    Float32Array.from({ length: rows * columns }, (_, i) => (i % 2 ? -1 : 1) * 2 ** (i - 24) * 1.0009765625),
  );
  const u = noise(rows, columns, 2);
  u.data.fill(0, 0, columns);
  const place = { id: 'x', rank: columns, gates: columns, offset: 0 };
  const slot = uploadSlot(
    {
      id: 'x',
      rows,
      columns,
      rank: columns,
      u: float32(u),
      s: new Float32Array(columns).fill(2),
      vt: float32(noise(columns, columns, 3)),
    },
    place,
  );
  const loader = new TensorLoader(checkpointOf('F16', [rows, columns], bytes));
  const merge = async (own: Linear) =>
    (await mergeSlot(own, slot, new Float32Array(columns).fill(0.5), 1.2, { name: 'x', dtype: 'F16' }))
      ?.bytes;
  const wide = tf.tensor2d(decodeFloat32('F16', bytes), [rows, columns]);
  const merged = await merge(await loader.weight('weight', [rows, columns]));
  expect(merged).toEqual(await merge(wide));
  expect(merged?.subarray(0, 2 * columns)).toEqual(bytes.subarray(0, 2 * columns));
  expect(merged).not.toEqual(bytes);
  wide.dispose();
  loader.disposeAll();
  disposeSlot(slot);
});

test('rounding: previewed values are the stored ones, to nearest even, and must fit', () => {
  // 1 + 2⁻¹¹ lies between two halves and goes to the even one; 1 + 3·2⁻¹¹ too.
  const { values, bytes } = roundTo('F16', Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 65504), 'x');
  expect([...values]).toEqual([1, 1 + 2 ** -9, 65504]);
  expect([...new Uint16Array(bytes.buffer)]).toEqual([0x3c00, 0x3c02, 0x7bff]);
  expect(() => roundTo('F16', Float32Array.of(0, 70000), 'model.w')).toThrow(
    /model\.w would hold 70000, which F16 cannot store/,
  );
  expect(() => roundTo('BF16', Float32Array.of(NaN), 'model.w')).toThrow(/NaN/);
  expect(() => roundTo('I8', Float32Array.of(1), 'model.w')).toThrow(/I8/);
});
