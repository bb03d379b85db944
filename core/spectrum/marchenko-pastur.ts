/**
 * Where noise ends in a spectrum. The singular values of an m × n matrix of independent noise of deviation s
 * lie below s(√m + √n) as m and n grow, and the squares of them, divided by s² max(m, n), follow the
 * Marchenko-Pastur law of β = min/max on [(1 − √β)², (1 + √β)²]. s is read off the median, which a few strong
 * directions hardly move.
 */
import { StudioError } from '../errors.ts';

/**
 * P(X ≥ 1 + β + 2√β cos θ) of the Marchenko-Pastur law, 0 ≤ θ ≤ π. With that substitution the density √((b −
 * x)(x − a)) / (2πβx) dx becomes (2/π) sin²θ / (1 + β + 2√β cos θ) dθ, whose antiderivative is elementary.
 */
function upperMass(beta: number, theta: number): number {
  const root = Math.sqrt(beta);
  const bend = (1 - beta) * Math.atan(((1 - root) / (1 + root)) * Math.tan(theta / 2));
  return ((1 + beta) * theta - 2 * root * Math.sin(theta) - 2 * bend) / (2 * Math.PI * beta);
}

/**
 * μ_β, the median of the Marchenko-Pastur law, 0 < β ≤ 1. Absolute error below 1e-9 for β ≥ 1e-6; below that
 * 2√β at most, the law's half width.
 */
export function marchenkoPasturMedian(beta: number): number {
  if (!(beta > 0 && beta <= 1))
    throw new StudioError('bad-request', `The aspect ratio must lie in (0, 1], not ${beta}.`, {
      details: { value: beta },
    });
  let low = 0;
  let high = Math.PI;
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (upperMass(beta, middle) < 0.5) low = middle;
    else high = middle;
  }
  return 1 + beta + 2 * Math.sqrt(beta) * Math.cos((low + high) / 2);
}

/**
 * ŝ(√m + √n), ŝ = median(σ) / √(max(m, n) μ_β). `singularValues` falling; of min(m, n) those that are missing
 * are 0.
 */
export function noiseEdge(singularValues: ArrayLike<number>, rows: number, columns: number): number {
  const long = Math.max(rows, columns);
  const deviation =
    median(singularValues, Math.min(rows, columns)) /
    Math.sqrt(long * marchenkoPasturMedian(Math.min(rows, columns) / long));
  return deviation * (Math.sqrt(rows) + Math.sqrt(columns));
}

/**
 * Gavish and Donoho's optimal hard threshold for noise of unknown deviation ("The optimal hard threshold for
 * singular values is 4/√3", 2014, Eq. 11 and §III.E): λ*(β)/√μ_β · median(σ). It lies above the noise edge.
 */
export function optimalThreshold(singularValues: ArrayLike<number>, rows: number, columns: number): number {
  const beta = Math.min(rows, columns) / Math.max(rows, columns);
  const sum = beta + 1;
  const factor = Math.sqrt(2 * sum + (8 * beta) / (sum + Math.sqrt(beta * beta + 14 * beta + 1)));
  return (factor / Math.sqrt(marchenkoPasturMedian(beta))) * median(singularValues, Math.min(rows, columns));
}

/**
 * Of `count` falling values, of which the last may be left out where they are 0; the mean of the middle two
 * when their number is even, as numpy has it.
 */
function median(falling: ArrayLike<number>, count: number): number {
  const half = count >> 1;
  const upper = falling[count % 2 === 0 ? half - 1 : half] ?? 0;
  return (upper + (falling[half] ?? 0)) / 2;
}
