/**
 * SwiGLU's product (Shazeer 2020, arXiv 2002.05202): y = silu(gate) ⊙ up, silu(z) = z·σ(z). σ is computed
 * again on the way back: nothing is kept.
 */
import { exp4 } from '../../../backend/heap/wasm/exp';

// @ts-ignore: decorator
@inline
function sigmoid4(z: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(z))));
}

/** n numbers each. */
export function swiglu(n: i32, gate: usize, up: usize, y: usize): void {
  const whole = (<usize>(n & ~3)) << 2;
  for (let at: usize = 0; at < whole; at += 16) {
    const z = v128.load(gate + at);
    v128.store(y + at, f32x4.mul(f32x4.mul(z, sigmoid4(z)), v128.load(up + at)));
  }
  for (let at = whole; at < (<usize>n) << 2; at += 4) {
    const z = f32x4.splat(load<f32>(gate + at));
    store<f32>(y + at, f32x4.extract_lane(f32x4.mul(z, sigmoid4(z)), 0) * load<f32>(up + at));
  }
}

/** dGate = dy ⊙ up ⊙ σ·(1 + z·(1 − σ)), dUp = dy ⊙ silu(z). */
export function swigluGradient(n: i32, gate: usize, up: usize, dy: usize, dGate: usize, dUp: usize): void {
  const whole = (<usize>(n & ~3)) << 2;
  const one = f32x4.splat(1);
  for (let at: usize = 0; at < whole; at += 16) {
    const z = v128.load(gate + at);
    const d = v128.load(dy + at);
    const s = sigmoid4(z);
    const slope = f32x4.mul(s, f32x4.add(one, f32x4.mul(z, f32x4.sub(one, s))));
    v128.store(dGate + at, f32x4.mul(f32x4.mul(d, v128.load(up + at)), slope));
    v128.store(dUp + at, f32x4.mul(d, f32x4.mul(z, s)));
  }
  for (let at = whole; at < (<usize>n) << 2; at += 4) {
    const z = load<f32>(gate + at);
    const d = load<f32>(dy + at);
    const s = f32x4.extract_lane(sigmoid4(f32x4.splat(z)), 0);
    store<f32>(dGate + at, d * load<f32>(up + at) * (s * (<f32>1 + z * (<f32>1 - s))));
    store<f32>(dUp + at, d * (z * s));
  }
}
