import { expect, it } from 'vitest';
import { decodeFloat32 } from '../../core/safetensors/decode.ts';
import type { Dtype } from '../../core/safetensors/dtype.ts';
import { taskVector } from './task-vector.ts';

/**
 * Every bfloat16 there is, beside every other one in another order: more than one block, and not a whole
 * number of them.
 */
const everyBrain = Uint16Array.from({ length: 65_536 + 77 }, (_, i) => i);
const otherBrain = everyBrain.map((code) => (code * 40_503 + 7) & 0xffff);
const bytesOf = (codes: Uint16Array | Float32Array): Uint8Array<ArrayBuffer> =>
  new Uint8Array(codes.slice().buffer as ArrayBuffer);
const stored = (dtype: Dtype, bytes: Uint8Array<ArrayBuffer>) => ({ dtype, bytes });
const difference = (lrm: Float32Array, base: Float32Array) =>
  lrm.map((value, i) => value - (base[i] as number));

it('is the difference of the widened tensors, NaN, infinities and subnormals included', () => {
  const [base, lrm] = [bytesOf(everyBrain), bytesOf(otherBrain)];
  expect(taskVector(stored('BF16', base), stored('BF16', lrm))).toEqual(
    difference(decodeFloat32('BF16', lrm), decodeFloat32('BF16', base)),
  );
});

it('takes bytes that begin anywhere', () => {
  const shifted = new Uint8Array(2 * 5000 + 1);
  shifted.set(bytesOf(otherBrain.slice(0, 5000)), 1);
  const tau = taskVector(
    stored('BF16', bytesOf(everyBrain.slice(0, 5000))),
    stored('BF16', shifted.subarray(1)),
  );
  expect(tau).toEqual(
    difference(
      decodeFloat32('BF16', bytesOf(otherBrain.slice(0, 5000))),
      decodeFloat32('BF16', bytesOf(everyBrain.slice(0, 5000))),
    ),
  );
});

it('subtracts tensors of different element types', () => {
  const base = Float32Array.of(0.5, -3, 1e-3, 7);
  const lrm = Uint16Array.of(0x3f80, 0xc000, 0x0001, 0x40e0);
  expect(taskVector(stored('F32', bytesOf(base)), stored('BF16', bytesOf(lrm)))).toEqual(
    difference(decodeFloat32('BF16', bytesOf(lrm)), base),
  );
});
