/**
 * τ = θ_lrm − θ_base of one layer, float32 row-major, from stored bytes. Each element is the difference of
 * the two widened ones, rounded once (exact widening, IEEE 754 subtraction), so τ is the same whichever way
 * it is taken.
 *
 * bfloat16, which most checkpoints are in, is widened and subtracted block by block: no widened copy of
 * either tensor is made.
 */
import { decodeFloat32 } from '../../core/safetensors/decode.ts';
import type { StoredTensor } from './contract.ts';

/** Both halves of a block stay in a processor's first cache. */
const block = 2048;
const bits = new Uint32Array(2 * block);
const widened = new Float32Array(bits.buffer);

/** May share memory with the bytes, which are the caller's to give. */
export function taskVector(base: StoredTensor, lrm: StoredTensor): Float32Array<ArrayBuffer> {
  if (base.dtype === 'BF16' && lrm.dtype === 'BF16')
    return brainDifference(codes(lrm.bytes), codes(base.bytes));
  const tau = decodeFloat32(lrm.dtype, lrm.bytes);
  const origin = decodeFloat32(base.dtype, base.bytes);
  for (let i = 0; i < tau.length; i++) tau[i] = (tau[i] as number) - (origin[i] as number);
  return tau;
}

function brainDifference(lrm: Uint16Array, base: Uint16Array): Float32Array<ArrayBuffer> {
  const tau = new Float32Array(lrm.length);
  for (let start = 0; start < tau.length; start += block) {
    const count = Math.min(block, tau.length - start);
    for (let i = 0; i < count; i++) {
      bits[i] = (lrm[start + i] as number) << 16;
      bits[block + i] = (base[start + i] as number) << 16;
    }
    for (let i = 0; i < count; i++) tau[start + i] = (widened[i] as number) - (widened[block + i] as number);
  }
  return tau;
}

function codes(bytes: Uint8Array<ArrayBuffer>): Uint16Array {
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Uint16Array(buffer, byteOffset, byteLength / 2);
}
