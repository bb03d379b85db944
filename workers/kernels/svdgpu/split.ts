/**
 * Matrix products on a float32 device that are far more exact than float32, by splitting the operands.
 *
 * Why. A device sums the K products of an entry one after another in float32, which leaves a relative error
 * of about 2⁻²⁶ √K: 4e-7 for K = 576. That is four times what contract.ts of the svd kernel allows the whole
 * decomposition.
 *
 * How. x = high + low, where high is x rounded to a multiple of 2⁻ᵇ. A product of two high parts is a sum of
 * integers times 2⁻ᵇ 2⁻ᶜ. When row and column have lengths ≤ 1, every partial sum of it is at most 1 by
 * Cauchy and Schwarz, so for b + c ≤ 23 it is an integer below 2²⁴ times that unit: float32 holds it EXACTLY,
 * in whatever order, block or fused operation the device sums. What is left involves a low part, some 2⁻¹² of
 * the whole, and may be summed in float32 at an error of 2⁻¹² · 2⁻²⁶ √K: about 1e-10.
 *
 * Source: K. Ozaki, T. Ogita, S. Oishi, S. Rump, "Error-free transformations of matrix multiplication by
 * using fast routines of matrix multiplication and its applications", Numer. Algorithms 59, 2012; one slice
 * of theirs, with the bound by lengths in place of largest entries.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';

/** Fractional bits of the high part of X, whose rows have length 1 … */
const unitBits = 12;
/**
 * … and of a matrix whose rows (for a Gram matrix) or columns (for a product) are scaled to lengths in (½,
 * 1].
 */
const matrixBits = 11;

/**
 * The nearest multiples of 2^−matrixBits. Each step is a program of its own on the device, so no compiler can
 * fuse them away.
 */
function highPart(x: Tensor2D): Tensor2D {
  return tf.mul(tf.round(tf.mul(x, 2 ** matrixBits)), 2 ** -matrixBits);
}

/** A Gram matrix in two parts, to be added in float64. Both [r, r], the caller's to dispose. */
export interface SplitGram {
  readonly exact: Tensor2D;
  /** Not symmetric: only (rest + restᵀ) / 2 means something. */
  readonly rest: Tensor2D;
}

/**
 * Adds P Pᵀ to `sum`, which it disposes. P [r, n] are some columns of a matrix whose rows, over all panels,
 * have length ≤ 1. P Pᵀ = H Hᵀ + sym((P + H) Lᵀ) for P = H + L.
 */
export function addGram(sum: SplitGram | null, panel: Tensor2D): SplitGram {
  const [exact, rest] = tf.tidy(() => {
    const high = highPart(panel);
    const parts = [
      tf.matMul(high, high, false, true),
      tf.matMul(tf.add(panel, high) as Tensor2D, tf.sub(panel, high) as Tensor2D, false, true),
    ] as const;
    return (sum ? [tf.add(sum.exact, parts[0]), tf.add(sum.rest, parts[1])] : [...parts]) as [
      Tensor2D,
      Tensor2D,
    ];
  });
  if (sum) tf.dispose([sum.exact, sum.rest]);
  return { exact, rest };
}

/** X [r, r] as two float32 matrices, 36 bits of each entry together. */
export interface SplitRotation {
  readonly high: Float32Array;
  readonly low: Float32Array;
}

/** diag(scales) X for X [r, r] with rows of length 1; `scales` are powers of two. */
export function splitRotation(x: Float64Array, scales: Float64Array): SplitRotation {
  const r = scales.length;
  const high = new Float32Array(r * r);
  const low = new Float32Array(r * r);
  for (let i = 0; i < r; i++) {
    const scale = scales[i]!;
    for (let at = i * r; at < (i + 1) * r; at++) {
      const rounded = Math.round(x[at]! * 2 ** unitBits) * 2 ** -unitBits;
      high[at] = scale * rounded;
      low[at] = scale * (x[at]! - rounded);
    }
  }
  return { high, low };
}

/** X P [r, n], rounded to float32 once; the caller's to dispose. The columns of P [r, n] have lengths ≤ 1. */
export function rotate(
  { high, low }: { readonly high: Tensor2D; readonly low: Tensor2D },
  panel: Tensor2D,
): Tensor2D {
  return tf.tidy(() => {
    const panelHigh = highPart(panel);
    const rest = tf.add(tf.matMul(high, tf.sub(panel, panelHigh) as Tensor2D), tf.matMul(low, panel));
    return tf.add(tf.matMul(high, panelHigh), rest) as Tensor2D;
  });
}
