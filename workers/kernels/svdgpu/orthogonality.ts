/**
 * How far the rows of V are from orthogonal, what putting that right costs, and the correction. Plain float64
 * on [r, r].
 *
 * Rows are in ascending order of σ: row j is stronger than row i for j > i.
 */

/** A cosine between rows that need not be put right: the contract allows 1e-6. */
export const orthogonal = 2e-7;

/** Of one Gram matrix E = V Vᵀ, c_ij = |e_ij| / √(e_ii e_jj) being the cosines between rows. */
export interface Orthogonality {
  /** Largest cosine. Infinite where a row is not of a length in (0.4, 1.1), or a number is not one. */
  readonly worst: number;
  /**
   * What it does to the product to project the rows of W apart, relative to ‖A‖_F: each row i moves by σ_i
   * (Σ_j c_ij²)^½, j > i.
   */
  readonly moved: number;
  /**
   * Estimate of how far a length ‖w_i‖ is from its singular value after the projection, relative to it. To
   * second order two rows change each other's λ = σ² by c² σ_i² σ_j² / (σ_j² − σ_i²), of which the projection
   * takes c² σ_i² from the weaker one. Rows too close for that are a cluster with the cosines as its entries,
   * whose eigenvalues are off by about the length of its rows.
   */
  readonly shifted: number;
}

/** `e` [r, r], of rows that are scales[i] · w_i. */
export function orthogonality(e: Float64Array, scales: Float64Array): Orthogonality {
  const r = scales.length;
  const lengths = Float64Array.from(scales, (_, i) => Math.sqrt(e[i * r + i]!));
  const lambdas = scales.map((scale, i) => (lengths[i]! / scale) ** 2);
  const apart = new Float64Array(r);
  const cluster2 = new Float64Array(r);
  let worst = 0;
  let moved2 = 0;
  for (let i = 0; i < r; i++) {
    if (!(lengths[i]! > 0.4 && lengths[i]! < 1.1)) worst = Infinity;
    for (let j = i + 1; j < r; j++) {
      const cosine = Math.abs(e[i * r + j]!) / (lengths[i]! * lengths[j]!);
      if (!(cosine <= worst)) worst = Number.isNaN(cosine) ? Infinity : cosine;
      const weaker = Math.min(lambdas[i]!, lambdas[j]!);
      const gap = Math.abs(lambdas[j]! - lambdas[i]!);
      moved2 += lambdas[i]! * cosine * cosine;
      const secondOrder = cosine * cosine * weaker;
      if (secondOrder < cosine * gap) {
        apart[i]! += secondOrder / gap;
        apart[j]! += secondOrder / gap;
      } else {
        cluster2[i]! += cosine * cosine;
        cluster2[j]! += cosine * cosine;
      }
    }
  }
  const total = lambdas.reduce((sum, lambda) => sum + lambda, 0);
  return {
    worst,
    moved: Math.sqrt(moved2 / total),
    shifted: apart.reduce((most, shift, i) => Math.max(most, (shift + Math.sqrt(cluster2[i]!)) / 2), 0),
  };
}

/**
 * C [r, r] float32 with V − C V orthogonal to first order: row i loses what it has in common with the
 * stronger rows, which stay as they are (one step of Gram and Schmidt for all rows at once). c_ij = e_ij /
 * e_jj for j > i, else 0.
 */
export function projection(e: Float64Array, r: number): Float32Array {
  const c = new Float32Array(r * r);
  for (let i = 0; i < r; i++) for (let j = i + 1; j < r; j++) c[i * r + j] = e[i * r + j]! / e[j * r + j]!;
  return c;
}
