/**
 * Stored bytes → float32. Exact for F16, BF16, F8, BOOL and integers up to 24 bits; F64 and wider integers
 * are rounded once, to nearest even, as numpy's astype does. NaN stays NaN.
 *
 * Little-endian hosts only, which is every browser and every Node platform in use.
 */
import { StudioError } from '../errors.ts';
import { dtypeBytes, type Dtype } from './dtype.ts';

/**
 * The result of F32 shares memory with `bytes` when these are aligned. `bytes.length` must be a multiple of
 * the element size.
 */
export function decodeFloat32(dtype: Dtype, bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const size = dtypeBytes[dtype];
  if (bytes.length % size !== 0)
    throw new StudioError('internal', `${bytes.length} bytes are not a whole number of ${dtype} elements.`, {
      details: { value: bytes.length },
    });
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  const count = bytes.length / size;
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer, byteOffset, count);
    case 'F64':
      return Float32Array.from(new Float64Array(buffer, byteOffset, count));
    case 'F16':
      return lookUp(new Uint16Array(buffer, byteOffset, count), halfTable());
    case 'BF16':
      return widenBrain(new Uint16Array(buffer, byteOffset, count));
    case 'F8_E4M3':
      return lookUp(new Uint8Array(buffer, byteOffset, count), e4m3Table());
    case 'F8_E5M2':
      return lookUp(new Uint8Array(buffer, byteOffset, count), e5m2Table());
    case 'BOOL':
      return Float32Array.from(new Uint8Array(buffer, byteOffset, count), (value) => (value === 0 ? 0 : 1));
    case 'U8':
      return Float32Array.from(new Uint8Array(buffer, byteOffset, count));
    case 'I8':
      return Float32Array.from(new Int8Array(buffer, byteOffset, count));
    case 'U16':
      return Float32Array.from(new Uint16Array(buffer, byteOffset, count));
    case 'I16':
      return Float32Array.from(new Int16Array(buffer, byteOffset, count));
    case 'U32':
      return Float32Array.from(new Uint32Array(buffer, byteOffset, count));
    case 'I32':
      return Float32Array.from(new Int32Array(buffer, byteOffset, count));
    case 'U64':
      return narrowLong(new BigUint64Array(buffer, byteOffset, count));
    case 'I64':
      return narrowLong(new BigInt64Array(buffer, byteOffset, count));
    default:
      return dtype satisfies never;
  }
}

function lookUp(codes: Uint8Array | Uint16Array, bitsOf: Uint32Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(codes.length);
  for (let i = 0; i < codes.length; i += 1) bits[i] = bitsOf[codes[i] as number] as number;
  return new Float32Array(bits.buffer);
}

function widenBrain(codes: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(codes.length);
  for (let i = 0; i < codes.length; i += 1) bits[i] = (codes[i] as number) << 16;
  return new Float32Array(bits.buffer);
}

/**
 * A 64-bit integer through a double would be rounded twice. Dropping its low 11 bits into one sticky bit
 * first ("round to odd", Boldo and Melquiond 2008) leaves 53 bits, exact in a double, and the rounding to
 * float32 the only one.
 */
function narrowLong(values: BigUint64Array | BigInt64Array): Float32Array<ArrayBuffer> {
  const result = new Float32Array(values.length);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as bigint;
    const near = Number(value);
    result[i] = Number.isSafeInteger(near)
      ? near
      : Number(((value >> 11n) | (value & 0x7ffn ? 1n : 0n)) << 11n);
  }
  return result;
}

/** Float32 bits of every code of a small float with a sign, `exponentBits` and `mantissaBits`. */
function smallFloatTable(
  exponentBits: number,
  mantissaBits: number,
  special: 'ieee' | 'finite',
): Uint32Array {
  const bias = 2 ** (exponentBits - 1) - 1;
  const half = 2 ** (exponentBits + mantissaBits);
  const values = new Float32Array(2 * half);
  for (let code = 0; code < half; code += 1) {
    const exponent = code >> mantissaBits;
    const mantissa = code & (2 ** mantissaBits - 1);
    let value =
      exponent === 0
        ? mantissa * 2 ** (1 - bias - mantissaBits)
        : (1 + mantissa * 2 ** -mantissaBits) * 2 ** (exponent - bias);
    // E4M3 in its "fn" form has no infinity; only the code of all ones is NaN (OCP 8-bit floating point
    // specification, 2023).
    if (special === 'finite' && code === half - 1) value = NaN;
    if (special === 'ieee' && exponent === 2 ** exponentBits - 1) value = mantissa === 0 ? Infinity : NaN;
    values[code] = value;
    values[code + half] = -value;
  }
  return new Uint32Array(values.buffer);
}

const once = (make: () => Uint32Array): (() => Uint32Array) => {
  let made: Uint32Array | undefined;
  return () => (made ??= make());
};
const halfTable = once(() => smallFloatTable(5, 10, 'ieee'));
const e4m3Table = once(() => smallFloatTable(4, 3, 'finite'));
const e5m2Table = once(() => smallFloatTable(5, 2, 'ieee'));
