/**
 * The Marchenko-Pastur law of β = min/max: the limit that the squared singular values of a matrix of independent
 * noise follow, divided by s² max(m, n), as m and n grow. It lives on [(1 − √β)², (1 + √β)²].
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
