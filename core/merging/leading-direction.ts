/**
 * The strongest singular triple of one matrix, without a decomposition: the largest eigenpair of τᵀτ by the locally
 * optimal conjugate gradient method (Knyazev, SIAM J. Sci. Comput. 23, 2001, for one vector), in float64. It reads
 * the matrix twice an iteration and holds it and a few vectors.
 *
 * Where the two strongest singular values are nearly equal, which of the directions of their plane is found is left to
 * rounding, as in any decomposition; their strength is that of the strongest in each case.
 */
import { randomByIndex } from './random-mask.ts';

export interface LeadingDirection {
  readonly sigma: number;
  /** [rows], of length 1; zeros where the matrix is zero. */
  readonly u: Float64Array;
  /** [columns], likewise. */
  readonly v: Float64Array;
}

const mostIterations = 1000;
/** Of the residual, relative to σ². Float64 reaches 10⁻¹⁵ of it. */
const tolerance = 1e-13;

/**
 * @param tau [rows, columns], row-major, finite
 * @param name decides where the iteration begins, so that equal matrices of equal names give equal bits
 */
export function leadingDirection(tau: Float32Array, columns: number, name: string): LeadingDirection {
  const rows = columns === 0 ? 0 : tau.length / columns;
  const product = (v: Float64Array): Float64Array => transposed(tau, columns, times(tau, columns, v));
  const random = randomByIndex(0, name);
  // Through the matrix once, so that what it does not reach is not in it.
  let x = product(Float64Array.from({ length: columns }, (_, i) => random(i) / 2 ** 31 - 1));
  if (!normalise(x)) return { sigma: 0, u: new Float64Array(rows), v: new Float64Array(columns) };
  let ax = product(x);
  let direction: Float64Array | null = null;
  for (let iteration = 0; iteration < mostIterations; iteration++) {
    const theta = dot(x, ax);
    const residual = ax.map((value, i) => value - theta * (x[i] as number));
    if (Math.sqrt(dot(residual, residual)) <= tolerance * theta) break;
    const basis: Float64Array[] = [x];
    const images: Float64Array[] = [ax];
    if (orthonormalise(residual, basis)) {
      basis.push(residual);
      images.push(product(residual));
    }
    if (direction) {
      const p = direction.slice();
      if (orthonormalise(p, basis)) {
        basis.push(p);
        images.push(product(p));
      }
    }
    if (basis.length === 1) break;
    const weights = largestEigenvector(images.map((image) => basis.map((vector) => dot(vector, image))));
    direction = combination(basis.slice(1), weights.slice(1));
    x = combination(basis, weights);
    normalise(x);
    ax = product(x);
  }
  const u = times(tau, columns, x);
  const sigma = Math.sqrt(dot(u, u));
  return { sigma, u: u.map((value) => value / sigma), v: x };
}

/** τ v, [rows]. */
function times(tau: Float32Array, columns: number, v: Float64Array): Float64Array {
  const out = new Float64Array(tau.length / columns);
  for (let row = 0; row < out.length; row++) {
    let sum = 0;
    for (let column = 0, at = row * columns; column < columns; column++, at++)
      sum += (tau[at] as number) * (v[column] as number);
    out[row] = sum;
  }
  return out;
}

/** τᵀ y, [columns]. */
function transposed(tau: Float32Array, columns: number, y: Float64Array): Float64Array {
  const out = new Float64Array(columns);
  for (let row = 0; row < y.length; row++) {
    const weight = y[row] as number;
    for (let column = 0, at = row * columns; column < columns; column++, at++)
      out[column] = (out[column] as number) + weight * (tau[at] as number);
  }
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** To length 1, in place; false for a vector of zeros. */
function normalise(vector: Float64Array): boolean {
  // By its largest entry first: squares of very small numbers would be nothing.
  const most = vector.reduce((sum, value) => Math.max(sum, Math.abs(value)), 0);
  if (most === 0) return false;
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) / most;
  const length = Math.sqrt(dot(vector, vector));
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) / length;
  return true;
}

/** Perpendicular to the basis and of length 1, in place; false where nothing of it is left. */
function orthonormalise(vector: Float64Array, basis: readonly Float64Array[]): boolean {
  if (!normalise(vector)) return false;
  // Twice is enough (Parlett, The Symmetric Eigenvalue Problem, 1980, §6.9).
  for (let pass = 0; pass < 2; pass++) {
    for (const other of basis) {
      const share = dot(vector, other);
      for (let i = 0; i < vector.length; i++)
        vector[i] = (vector[i] as number) - share * (other[i] as number);
    }
    const left = Math.sqrt(dot(vector, vector));
    if (left < 1e-10 || !normalise(vector)) return false;
  }
  return true;
}

function combination(basis: readonly Float64Array[], weights: readonly number[]): Float64Array {
  const out = new Float64Array(basis[0]?.length ?? 0);
  basis.forEach((vector, k) => {
    const weight = weights[k] ?? 0;
    for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) + weight * (vector[i] as number);
  });
  return out;
}

/** Of a symmetric matrix of two or three rows, by cyclic Jacobi rotations; its first entry is not negative. */
function largestEigenvector(matrix: readonly (readonly number[])[]): number[] {
  const size = matrix.length;
  const a = matrix.map((row, i) => row.map((value, j) => (value + (matrix[j]?.[i] ?? 0)) / 2));
  const vectors = a.map((_, i) => a.map((_, j) => (i === j ? 1 : 0)));
  const at = (of: number[][], i: number, j: number): number => of[i]?.[j] ?? 0;
  const set = (of: number[][], i: number, j: number, value: number): void => {
    const row = of[i];
    if (row) row[j] = value;
  };
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < size; p++)
      for (let q = p + 1; q < size; q++) {
        const off = at(a, p, q);
        if (off === 0) continue;
        const ratio = (at(a, q, q) - at(a, p, p)) / (2 * off);
        const t = (ratio >= 0 ? 1 : -1) / (Math.abs(ratio) + Math.sqrt(ratio * ratio + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < size; k++) {
          const [kp, kq] = [at(a, k, p), at(a, k, q)];
          set(a, k, p, c * kp - s * kq);
          set(a, k, q, s * kp + c * kq);
        }
        for (let k = 0; k < size; k++) {
          const [pk, qk] = [at(a, p, k), at(a, q, k)];
          set(a, p, k, c * pk - s * qk);
          set(a, q, k, s * pk + c * qk);
        }
        for (let k = 0; k < size; k++) {
          const [kp, kq] = [at(vectors, k, p), at(vectors, k, q)];
          set(vectors, k, p, c * kp - s * kq);
          set(vectors, k, q, s * kp + c * kq);
        }
      }
  }
  let best = 0;
  for (let i = 1; i < size; i++) if (at(a, i, i) > at(a, best, best)) best = i;
  const sign = at(vectors, 0, best) < 0 ? -1 : 1;
  return vectors.map((row) => sign * (row[best] ?? 0));
}
