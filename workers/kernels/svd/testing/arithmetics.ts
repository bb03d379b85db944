/**
 * Both implementations of the arithmetic, for tests that must hold on either.
 */
import type { Arithmetic } from '../arithmetic.ts';
import { plain } from '../plain.ts';
import { openSimd } from '../simd.ts';

/** Vectors of 128 bits, empty, with room for `bytes`. Where the tests run they must exist: without them nothing would be tested. */
export function simd(bytes = 2 ** 24): Arithmetic {
  const arithmetic = openSimd(bytes);
  if (!arithmetic) throw new Error('WebAssembly with 128-bit vectors is not supported here.');
  return arithmetic;
}

export const arithmetics: readonly { readonly kind: string; readonly open: (bytes?: number) => Arithmetic }[] = [
  { kind: 'plain', open: () => plain },
  { kind: 'simd', open: simd },
];

/** A copy that `on` can compute with. */
export function placed(on: Arithmetic, values: ArrayLike<number>): Float64Array {
  const copy = on.float64(values.length);
  copy.set(values);
  return copy;
}
