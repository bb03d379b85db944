/**
 * Multiply and add, rounded twice, as ECMAScript does it: with this module the kernel gives the bits of the
 * plain reference. madd-fused.ts takes its place in the second build (scripts/build-wasm.mjs).
 */

// @ts-ignore: decorator
@inline
export function madd(x: v128, y: v128, sum: v128): v128 {
  return f64x2.add(sum, f64x2.mul(x, y));
}

/** Of four float32. */
// @ts-ignore: decorator
@inline
export function madd32(x: v128, y: v128, sum: v128): v128 {
  return f32x4.add(sum, f32x4.mul(x, y));
}
