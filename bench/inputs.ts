/** Made-up inputs, the same in every run. */

/** mulberry32: uniform in [0, 1), 32 bits of state. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal, two at a time (Box and Muller 1958). */
export function gaussian(seed: number): () => number {
  const uniform = seeded(seed);
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

/**
 * What a task vector looks like: Gaussian noise, whose singular values fill a bulk with the edge √rows +
 * √cols, and `strong` directions that stand out of it, the strongest `strong` + 1 times the edge, the weakest
 * twice. [rows, cols], row-major.
 */
export function noiseAndStrongDirections(
  rows: number,
  cols: number,
  strong: number,
  seed: number,
): Float32Array<ArrayBuffer> {
  const next = gaussian(seed);
  const matrix = Float32Array.from({ length: rows * cols }, next);
  const edge = Math.sqrt(rows) + Math.sqrt(cols);
  for (let k = 0; k < strong; k++) {
    const [left, right] = [unitVector(rows, next), unitVector(cols, next)];
    const sigma = (k + 2) * edge;
    for (let i = 0; i < rows; i++) {
      const along = sigma * (left[i] as number);
      for (let j = 0; j < cols; j++)
        matrix[i * cols + j] = (matrix[i * cols + j] as number) + along * (right[j] as number);
    }
  }
  return matrix;
}

function unitVector(length: number, next: () => number): Float64Array {
  const vector = Float64Array.from({ length }, next);
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / norm);
}
