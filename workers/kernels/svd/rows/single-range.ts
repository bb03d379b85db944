/**
 * Which rows of W = X B (orthogonal.ts) may be summed by single.ts: those for which seven digits of W are
 * enough for seven digits of its directions. They are a range [from, to) of the rows, whose norms ascend;
 * stronger rows, few, are summed in float64 and projected out of the range.
 *
 * With u = 2⁻²⁴, x̂_i the float32 of x_i, and errors taken as independent, as in single.ts, row i leans
 * towards a row j of the range by
 * (x̂_i − x_i)·x_j · σ_j/σ_i, five standard deviations of which are below 2 u m_i · σ_j/σ_i, from the
 * rounding of X, and
 *   0.9 u ρ_i/σ_i,   ρ_i² = Σ_k x_ik² ‖b_k‖²,   from the sums, if all of their error fell on one j; if it falls on n columns at
 * random, √n times less. TILT and SPILL bound the two; together they stay under the 1e-6 of contract.ts.
 * Strong directions do not count in the first, because they are outside of the range, and that is what brings
 * a matrix with a few of them over noise into it.
 *
 * Errors are not independent where entries of x_i repeat: equal mantissas are rounded alike. So m_i² is not
 * the largest x_ik² but the largest sum of x_ik² over entries of one mantissa; by Cauchy and Schwarz that
 * makes up for it. And in single.ts whole runs may then repeat, with their errors, for which there is no such
 * bound: a row in which a mantissa comes more often than a run is long is not in the range. (Kronecker
 * products with Hadamard matrices are such; left in, their V is off by 3e-6.)
 */
import { RUN } from '../arithmetic/single.ts';

const UNIT = 2 ** -24;
const TILT = 3e-7;
const SPILL = 6e-7;
/** Time of a row in float32, of one in float64. */
const TIME = 0.6;
/** Of all rows: outside of the range at its strong end, at the most. */
const STRONG = 1 / 16;
const FEWEST = 64;
/** In the table of Repeats, for each entry of a row. */
const PLACES = 8;

export interface SingleRange {
  readonly from: number;
  /** = from, where nothing is to be won. */
  readonly to: number;
}

/**
 * `x` [r, r]: eigenvectors as rows, of the `values` (squares of norms, ascending); `squares` [r]: ‖b_k‖².
 * Rows before `weak` are not considered.
 */
export function singleRange(
  x: Float64Array,
  values: Float64Array,
  squares: Float64Array,
  weak: number,
  r: number,
): SingleRange {
  let best: SingleRange = { from: r, to: r };
  if (r - weak < FEWEST) return best;
  // The largest norm beside which row i may be in the range, squared; 0 if none.
  const repeats = new Repeats(r);
  const limits = Float64Array.from({ length: r }, (_, i) =>
    i < weak ? 0 : largestBeside(x.subarray(i * r, (i + 1) * r), values[i]!, squares, repeats),
  );
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

function largestBeside(row: Float64Array, value: number, squares: Float64Array, repeats: Repeats): number {
  let spread = 0;
  for (let k = 0; k < row.length; k++) spread += row[k]! * row[k]! * squares[k]!;
  if (!(0.81 * UNIT * UNIT * spread <= SPILL * SPILL * value)) return 0;
  return (TILT * TILT * value) / (4 * UNIT * UNIT * repeats.largestMass(row));
}

/**
 * Entries of a row that share the mantissa of their float32, found by hashing; mantissas that share a place
 * by chance count as one.
 */
class Repeats {
  readonly #row: Float32Array;
  readonly #bits: Uint32Array;
  readonly #shift: number;
  /** Place of each entry in the table. */
  readonly #places: Uint32Array;
  readonly #masses: Float64Array;
  readonly #counts: Uint16Array;

  constructor(r: number) {
    this.#row = new Float32Array(r);
    this.#bits = new Uint32Array(this.#row.buffer);
    const places = 2 ** Math.ceil(Math.log2(PLACES * r));
    this.#shift = 32 - Math.log2(places);
    this.#places = new Uint32Array(r);
    this.#masses = new Float64Array(places);
    this.#counts = new Uint16Array(places);
  }

  /**
   * Largest Σ x_k² over entries of one mantissa; Infinity where more than RUN entries share one. Zeros have
   * no rounding and do not count.
   */
  largestMass(row: Float64Array): number {
    const [bits, shift, places, masses, counts] = [
      this.#bits,
      this.#shift,
      this.#places,
      this.#masses,
      this.#counts,
    ];
    this.#row.set(row);
    const r = row.length;
    for (let k = 0; k < r; k++) {
      const value = row[k]!;
      const place = Math.imul(bits[k]! & 0x7fffff, 0x9e3779b1) >>> shift;
      places[k] = place;
      masses[place]! += value * value;
      if (value !== 0) counts[place]!++;
    }
    let most = 0;
    for (let k = 0; k < r; k++) {
      const place = places[k]!;
      if (counts[place]! > RUN) most = Infinity;
      else if (masses[place]! > most) most = masses[place]!;
      counts[place] = 0;
      masses[place] = 0;
    }
    return most;
  }
}
