/**
 * The input matrices of the tests, the same float32 bits as zoo/reference/svd/make.py makes: integers from a
 * linear congruential generator, additions and products that are exact in float64, powers of two.
 */

/** `count` integers in [−2^(bits−1), 2^(bits−1)) from x ← 1664525 x + 1013904223 mod 2³². */
export function integers(seed: number, bits: number, count: number, state = { x: seed }): Float64Array {
  return Float64Array.from({ length: count }, () => {
    state.x = (Math.imul(state.x, 1664525) + 1013904223) >>> 0;
    return (state.x >>> (32 - bits)) - 2 ** (bits - 1);
  });
}

function fill(rows: number, cols: number, at: (i: number, j: number) => number): Float32Array {
  const out = new Float32Array(rows * cols);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) out[i * cols + j] = at(i, j);
  return out;
}

function noise(rows: number, cols: number, scaleOfRow: (i: number) => number = () => 1): Float32Array {
  const values = integers(1, 16, rows * cols);
  return fill(rows, cols, (i, j) => values[i * cols + j]! * scaleOfRow(i));
}

function product(
  rows: number,
  cols: number,
  rank: number,
  bits: number,
  seed: number,
): (i: number, j: number) => number {
  const state = { x: seed };
  const left = integers(seed, bits, rows * rank, state);
  const right = integers(seed, bits, rank * cols, state);
  return (i, j) => {
    let sum = 0;
    for (let q = 0; q < rank; q++) sum += left[i * rank + q]! * right[q * cols + j]!;
    return sum;
  };
}

function parity(value: number): number {
  let bits = 0;
  for (let rest = value; rest > 0; rest >>= 1) bits += rest & 1;
  return bits & 1;
}

type Maker = (rows: number, cols: number) => Float32Array;

export const inputs: Readonly<Record<string, Maker>> = {
  noise,
  task: (rows, cols) => {
    const bulk = noise(rows, cols);
    const strong = product(rows, cols, 8, 4, 2);
    return fill(rows, cols, (i, j) => bulk[i * cols + j]! + 4096 * strong(i, j));
  },
  lora: (rows, cols) => fill(rows, cols, product(rows, cols, 8, 16, 3)),
  graded: (rows, cols) => noise(rows, cols, (i) => 2 ** -Math.floor(i / 4)),
  cliff: (rows, cols) => noise(rows, cols, (i) => [1, 2 ** -11, 2 ** -21][Math.floor((i * 3) / rows)]!),
  hadamard: (rows, cols) => fill(rows, cols, (i, j) => 1 - 2 * parity(i & j)),
  twins: (rows, cols) => {
    const halfRows = rows / 2;
    const halfCols = cols / 2;
    const block = noise(halfRows, halfCols);
    return fill(rows, cols, (i, j) =>
      i < halfRows === j < halfCols ? block[(i % halfRows) * halfCols + (j % halfCols)]! : 0,
    );
  },
  repeated_rows: (rows, cols) => {
    const block = noise(rows / 2, cols);
    return fill(rows, cols, (i, j) => block[(i % (rows / 2)) * cols + j]!);
  },
  steps: (rows, cols) => fill(rows, cols, (i, j) => (i === j ? 1 + (i % 4) : 0)),
  constant: (rows, cols) => new Float32Array(rows * cols).fill(3),
  kronecker: (rows, cols) => {
    const half = rows / 2;
    const outer = [3461, -158, 3836, 296];
    return fill(
      rows,
      cols,
      (i, j) =>
        outer[2 * Math.floor(i / half) + Math.floor(j / half)]! *
        (1 - 2 * parity((i % half) & (j % half))) *
        (256 + 4 * (j % half)),
    );
  },
  identity: (rows, cols) => fill(rows, cols, (i, j) => (i === j ? 1 : 0)),
  zero: (rows, cols) => new Float32Array(rows * cols),
  rank_one: (rows, cols) => fill(rows, cols, product(rows, cols, 1, 12, 4)),
  tiny: (rows, cols) => noise(rows, cols, () => 2 ** -135),
  huge: (rows, cols) => noise(rows, cols, () => 2 ** 85),
};
