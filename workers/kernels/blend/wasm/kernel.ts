/**
 * ../plain.ts in 128-bit vectors, in AssemblyScript: the same operations, each rounded once. Pointers are
 * byte addresses.
 */

/**
 * Of `count` values, a multiple of 8, at `own`, `reasoning` and `origin`; results to `out`. Returns 1 where
 * one of them is not finite.
 */
export function blend(count: i32, own: usize, reasoning: usize, origin: usize, scale: f32, out: usize): i32 {
  const scales = f32x4.splat(scale);
  let bad = i32x4.splat(0);
  for (
    const end = own + ((<usize>count) << 1);
    own < end;
    own += 16, reasoning += 16, origin += 16, out += 16
  ) {
    const w = v128.load(own);
    const a = v128.load(reasoning);
    const b = v128.load(origin);
    const low = combine(widenLow(w), widenLow(a), widenLow(b), scales);
    const high = combine(widenHigh(w), widenHigh(a), widenHigh(b), scales);
    bad = v128.or(bad, v128.or(unstorable(low), unstorable(high)));
    v128.store(out, i16x8.narrow_i32x4_u(rounded(low), rounded(high)));
  }
  return i32(v128.any_true(bad));
}

/** Values 0 to 3 as float32: their bits in the upper halves. */
@inline
function widenLow(x: v128): v128 {
  return v128.shuffle<i16>(i32x4.splat(0), x, 0, 8, 1, 9, 2, 10, 3, 11);
}


@inline
function widenHigh(x: v128): v128 {
  return v128.shuffle<i16>(i32x4.splat(0), x, 4, 12, 5, 13, 6, 14, 7, 15);
}


@inline
function combine(own: v128, reasoning: v128, origin: v128, scales: v128): v128 {
  return f32x4.add(own, f32x4.mul(scales, f32x4.sub(reasoning, origin)));
}

/** To nearest even, as 32-bit numbers below 2¹⁶. */
@inline
function rounded(value: v128): v128 {
  const odd = v128.and(i32x4.shr_u(value, 16), i32x4.splat(1));
  return i32x4.shr_u(i32x4.add(i32x4.add(value, i32x4.splat(0x7fff)), odd), 16);
}

/** All exponent bits set, before the rounding or after it. */
@inline
function unstorable(value: v128): v128 {
  const wide = i32x4.splat(0x7f800000);
  const narrow = i32x4.splat(0x7f80);
  return v128.or(i32x4.eq(v128.and(value, wide), wide), i32x4.eq(v128.and(rounded(value), narrow), narrow));
}
