/**
 * Takes the place of madd.ts in the second build: multiply and add, rounded once where the processor can
 * (relaxed SIMD leaves it to the engine; ../arithmetic/simd.ts asks before it uses this build).
 */

// @ts-ignore: decorator
@inline
export function madd(x: v128, y: v128, sum: v128): v128 {
  return f64x2.relaxed_madd(x, y, sum);
}

/** Of four float32. */
// @ts-ignore: decorator
@inline
export function madd32(x: v128, y: v128, sum: v128): v128 {
  return f32x4.relaxed_madd(x, y, sum);
}
