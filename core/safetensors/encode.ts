/**
 * Float32 → stored bytes, rounded to nearest even. Overflow becomes infinity, as in IEEE 754; NaN becomes the
 * quiet NaN of its sign.
 */
import { StudioError } from '../errors.ts';
import type { Dtype } from './dtype.ts';

export function encodeFloat32(dtype: Dtype, values: Float32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  switch (dtype) {
    case 'F32':
      return new Uint8Array(values.slice().buffer);
    case 'F16':
      return new Uint8Array(mapBits(values, halfBits).buffer);
    case 'BF16':
      return new Uint8Array(mapBits(values, brainBits).buffer);
    case 'F64':
      return new Uint8Array(Float64Array.from(values).buffer);
    default:
      throw new StudioError(
        'unsupported',
        `Weights cannot be written as ${dtype}; use F64, F32, F16 or BF16.`,
        { details: { value: dtype } },
      );
  }
}

function mapBits(
  values: Float32Array<ArrayBuffer>,
  convert: (bits: number) => number,
): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const result = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i += 1) result[i] = convert(bits[i] as number);
  return result;
}

/**
 * Adding 0x7fff plus the lowest kept bit carries into it exactly when nearest-even rounds up; a carry into
 * the exponent is right too.
 */
function brainBits(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return ((bits >>> 16) & 0x8000) | 0x7fc0;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

function halfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65520 and above round to 65536, which has no half.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    // Normal: rebias the exponent by 127 − 15 and round the 13 low bits away.
    return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  }
  // Up to half of the smallest subnormal (2⁻²⁵) rounds to zero, the tie included.
  if (magnitude <= 0x33000000) return sign;
  // Subnormal: a whole number of 2⁻²⁴. `shift` low bits of the 24-bit significand go; 14 ≤ shift ≤ 24.
  const shift = 126 - (magnitude >>> 23);
  const significand = (magnitude & 0x7fffff) | 0x800000;
  return sign | ((significand + (1 << (shift - 1)) - 1 + ((significand >>> shift) & 1)) >>> shift);
}
