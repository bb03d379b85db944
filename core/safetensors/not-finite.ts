/**
 * NaN and infinite values among stored bytes, found by the bits of their exponents while the bytes pass by. What is
 * looked at is what is stored: a float64 of 1e300 is finite here, although no float32 can hold it.
 */
import { decodeFloat32 } from './decode.ts';
import { dtypeBytes, type Dtype } from './dtype.ts';

/** What is not finite in one tensor. */
export interface NotFinite {
  readonly nan: number;
  /** Values that are plus infinity. */
  readonly plus: number;
  /** Values that are minus infinity, as masks hold. */
  readonly minus: number;
  /** The first of them, counted row by row. */
  readonly first: { readonly index: number; readonly value: number };
}

/**
 * All bits of the exponent are set exactly where adding the lowest of them overflows into the sign's place. Smaller
 * elements are looked at several to a word of 32 bits; of float64 only the upper word is.
 */
interface Exponent {
  readonly mask: number;
  readonly lowest: number;
  readonly overflow: number;
  /** Of 32-bit words: the first, and how far the next is. */
  readonly words: readonly [first: number, step: number];
}

const exponents: { readonly [K in Dtype]?: Exponent } = {
  F64: { mask: 0x7ff00000, lowest: 0x00100000, overflow: 0x80000000, words: [1, 2] },
  F32: { mask: 0x7f800000, lowest: 0x00800000, overflow: 0x80000000, words: [0, 1] },
  F16: { mask: 0x7c007c00, lowest: 0x04000400, overflow: 0x80008000, words: [0, 1] },
  BF16: { mask: 0x7f807f80, lowest: 0x00800080, overflow: 0x80008000, words: [0, 1] },
  F8_E5M2: { mask: 0x7c7c7c7c, lowest: 0x04040404, overflow: 0x80808080, words: [0, 1] },
  // Without infinities; NaN is the code of all ones (decode.ts).
  F8_E4M3: { mask: 0x7f7f7f7f, lowest: 0x01010101, overflow: 0x80808080, words: [0, 1] },
};

/** Bytes looked at before a closer look, of whole elements of any size. */
const blockBytes = 2 ** 16;

/** Looks at the bytes of one tensor in order, in pieces that may end anywhere. */
export class FiniteLook {
  readonly #dtype: Dtype;
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #index = 0;
  #found: NotFinite | null = null;

  constructor(dtype: Dtype) {
    this.#dtype = dtype;
  }

  /** The bytes may be reused by the caller afterwards. */
  add(bytes: Uint8Array<ArrayBuffer>): void {
    if (!Object.hasOwn(exponents, this.#dtype)) return;
    const size = dtypeBytes[this.#dtype];
    let begin = 0;
    if (this.#rest.length > 0) {
      begin = Math.min(size - this.#rest.length, bytes.length);
      const element = new Uint8Array(this.#rest.length + begin);
      element.set(this.#rest);
      element.set(bytes.subarray(0, begin), this.#rest.length);
      this.#rest = element;
      if (element.length < size) return;
      this.#whole(element);
    }
    const end = bytes.length - ((bytes.length - begin) % size);
    this.#whole(bytes.subarray(begin, end));
    this.#rest = bytes.slice(end);
  }

  /** Null where every value so far is finite, or the element type has no others. */
  found(): NotFinite | null {
    return this.#found;
  }

  #whole(bytes: Uint8Array<ArrayBuffer>): void {
    for (let at = 0; at < bytes.length; at += blockBytes) {
      const block = bytes.subarray(at, at + blockBytes);
      if (!isSurelyFinite(this.#dtype, block)) this.#count(block);
      this.#index += block.length / dtypeBytes[this.#dtype];
    }
  }

  #count(block: Uint8Array<ArrayBuffer>): void {
    let [nan, plus, minus, first] = [0, 0, 0, this.#found?.first];
    numbers(this.#dtype, block).forEach((value, i) => {
      if (Number.isFinite(value)) return;
      if (value > 0) plus++;
      else if (value < 0) minus++;
      else nan++;
      first ??= { index: this.#index + i, value };
    });
    if (!first) return;
    const before = this.#found ?? { nan: 0, plus: 0, minus: 0 };
    this.#found = { nan: before.nan + nan, plus: before.plus + plus, minus: before.minus + minus, first };
  }
}

function isSurelyFinite(dtype: Dtype, block: Uint8Array<ArrayBuffer>): boolean {
  const { mask, lowest, overflow, words } = exponents[dtype] as Exponent;
  // What is no whole number of words is looked at by its values.
  if (block.length % 4 !== 0) return false;
  const { buffer, byteOffset } = block.byteOffset % 4 === 0 ? block : block.slice();
  const bits = new Int32Array(buffer, byteOffset, block.length / 4);
  let full = 0;
  for (let i = words[0]; i < bits.length; i += words[1])
    full |= (((bits[i] as number) & mask) + lowest) & overflow;
  return full === 0;
}

function numbers(dtype: Dtype, block: Uint8Array<ArrayBuffer>): Float32Array | Float64Array {
  // A float64 that float32 cannot hold would become infinite.
  if (dtype === 'F64') return new Float64Array(block.slice().buffer);
  return decodeFloat32(dtype, block);
}

/** An element of a tensor by its place, as in "[3, 17]", row-major. */
export function placeOf(index: number, shape: readonly number[]): string {
  let rest = index;
  const place = [...shape].reverse().map((length) => {
    const at = rest % length;
    rest = Math.floor(rest / length);
    return at;
  });
  return `[${place.reverse().join(', ')}]`;
}
