/**
 * Which rows of W = X B (orthogonal.ts) may be summed by single.ts: those for which seven digits of W are enough for seven digits of its
 * directions. They are a range [from, to) of the rows, whose norms ascend; stronger rows, few, are summed in float64 and projected out of the range.
 *
 * With u = 2⁻²⁴, x̂_i the float32 of x_i, and errors taken as independent, as in single.ts, row i leans towards a row j of the range by
 *   (x̂_i − x_i)·x_j · σ_j/σ_i, five standard deviations of which are below 2 u max_k |x_ik| · σ_j/σ_i, from the rounding of X, and
 *   0.9 u ρ_i/σ_i,   ρ_i² = Σ_k x_ik² ‖b_k‖²,   from the sums, if all of their error fell on one j; if it falls on n columns at
 *   random, √n times less.
 * TILT and SPILL bound the two; together they stay under the 1e-6 of contract.ts. Strong directions do not count in the first, because they are
 * outside of the range, and that is what brings a matrix with a few of them over noise into it.
 */

const UNIT = 2 ** -24;
const TILT = 3e-7;
const SPILL = 6e-7;
/** Time of a row in float32, of one in float64. */
const TIME = 0.6;
/** Of all rows: outside of the range at its strong end, at the most. */
const STRONG = 1 / 16;
const FEWEST = 64;

export interface SingleRange {
  readonly from: number;
  /** = from, where nothing is to be won. */
  readonly to: number;
}

/**
 * `x` [r, r]: eigenvectors as rows, of the `values` (squares of norms, ascending); `squares` [r]: ‖b_k‖². Rows before `weak` are not considered.
 */
export function singleRange(x: Float64Array, values: Float64Array, squares: Float64Array, weak: number, r: number): SingleRange {
  let best: SingleRange = { from: r, to: r };
  if (r - weak < FEWEST) return best;
  // The largest norm beside which row i may be in the range, squared; 0 if none.
  const limits = Float64Array.from({ length: r }, (_, i) => (i < weak ? 0 : largestBeside(x, values[i]!, squares, i, r)));
  let bestGain = 0;
  for (let to = r; to > r - STRONG * r && to > weak; to--) {
    const top = values[to - 1]!;
    let from = to;
    while (from > weak && limits[from - 1]! >= top) from--;
    const count = to - from;
    const gain = count * (1 - TIME - (r - to) / r); // the projection takes (r − to) / r of a row's time
    if (count >= FEWEST && gain > bestGain) {
      best = { from, to };
      bestGain = gain;
    }
  }
  return best;
}

function largestBeside(x: Float64Array, value: number, squares: Float64Array, row: number, r: number): number {
  let most = 0;
  let spread = 0;
  for (let k = 0; k < r; k++) {
    const entry = x[row * r + k]!;
    const square = entry * entry;
    if (square > most) most = square;
    spread += square * squares[k]!;
  }
  if (!(0.81 * UNIT * UNIT * spread <= SPILL * SPILL * value)) return 0;
  return (TILT * TILT * value) / (4 * UNIT * UNIT * most);
}
