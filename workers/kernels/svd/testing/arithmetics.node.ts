/**
 * All implementations of the arithmetic, for tests that must hold on any.
 */
import { setFlagsFromString } from 'node:v8';
import type { Arithmetic } from '../arithmetic/arithmetic.ts';
import { plain } from '../arithmetic/plain.ts';
import { openSimd } from '../arithmetic/simd.ts';
import type { Build } from '../arithmetic/wasm-build.ts';

// Node 20 has relaxed SIMD behind a flag; later ones ignore it. On a processor without fused multiply-add
// that build rounds like the other.
setFlagsFromString('--experimental-wasm-relaxed-simd');

/**
 * Vectors of 128 bits, empty, with room for `bytes`. Throws where they are not supported: without them
 * nothing would be tested.
 */
export function simd(bytes = 2 ** 24, build: Build = 'simd'): Arithmetic {
  return openSimd(bytes, build)!;
}

export const arithmetics: readonly {
  readonly kind: string;
  readonly open: (bytes?: number) => Arithmetic;
}[] = [
  { kind: 'plain', open: () => plain },
  { kind: 'simd', open: simd },
  { kind: 'fused', open: (bytes) => simd(bytes, 'fused') },
];

/** A copy that `on` can compute with. */
export function placed(on: Arithmetic, values: ArrayLike<number>): Float64Array {
  const copy = on.float64(values.length);
  copy.set(values);
  return copy;
}
