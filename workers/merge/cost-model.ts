/**
 * Which form of Eq. 7 costs least for one layer in one step, there and back.
 *
 *   W = W₀ + λ U diag(c) Vᵀ (+ λ g T),  y = x Wᵀ;  W₀ [m, n], U [m, k], Vᵀ [k, n], T the dense tail of a subspace budget or none, x [R, n].
 *
 * Three forms give the same y, dx and gate gradients:
 *   `dense`      makes W;            the gates' gradient goes through dW = dyᵀ x:    Σ_out U ⊙ (dW V), ⟨T, dW⟩
 *   `projected`  makes W as well;    without dW:                                     Σ_rows (dy U) ⊙ (x V), Σ (dy T) ⊙ x
 *   `factored`   keeps W₀ (+ λ g T); y = x W₀ᵀ + (x V ⊙ c) Uᵀ, dx likewise;           Σ_rows (dy U) ⊙ (x V), Σ (dy T) ⊙ x
 *
 * Floating point operations (a multiplication and an addition are two), of matrix products alone, τ = 1 with
 * a tail and 0 without:
 *   all          4Rmn                            y = x·Wᵀ and dx = dy·W
 *   `dense`      + 2mnk + 2mnk + 2Rmn            W; dW·V; dW
 *   `projected`  + 2mnk + 2Rk(m + n) + 2τRmn     W; dy·U and x·V; dy·T
 *   `factored`   + 4Rk(m + n) + 2τRmn            x·V, its product with Uᵀ, dy·U, its product with Vᵀ; dy·T
 * Bytes: each product reads its two operands and writes its result once, 4 bytes a number, and W or W₀ + λ g
 * T is written once more. A packed W₀ (2 bytes a number, nn/packed-linear.ts) is half as much to read where
 * it is multiplied by as it lies, and unpacked first, written and read again, where W is made of it.
 *
 * `dense` is best for full rank and many rows, `projected` for a middling k, `factored` where few rows go
 * through a large matrix (R < mn/(m + n), whatever k is: then making W costs more than going twice through
 * the factors).
 */
export type Form = 'dense' | 'projected' | 'factored';

export interface LayerShape {
  /** m */
  readonly out: number;
  /** n */
  readonly in: number;
  /** k: vectors on the device */
  readonly vectors: number;
  readonly tail: boolean;
  /** W₀ is held in 16 bits a number. */
  readonly packed: boolean;
}

export interface Work {
  readonly flops: number;
  readonly bytes: number;
}

/**
 * Floating point operations in the time that one byte takes. wasm: about 50 Gflop/s of our matrix product and
 * 12 GB/s of memory, measured on one core. WebGPU: taken for an integrated graphics processor, not measured.
 */
export const flopsPerByte = { wasm: 4, webgpu: 16 } as const;

/** The work of one step with `rows` rows (R). */
export function stepWork(
  form: Form,
  { out: m, in: n, vectors: k, tail, packed }: LayerShape,
  rows: number,
): Work {
  const common = sum(product(rows, n, m), product(rows, m, n));
  const tailProduct = tail ? [product(rows, m, n)] : [];
  // 2 bytes read instead of 4, then 4 written and 4 read.
  const unpacking = moved(packed ? 1.5 * m * n : 0);
  switch (form) {
    case 'dense':
      return sum(common, unpacking, making(m, n, k, tail), product(m, rows, n), product(m, n, k));
    case 'projected':
      return sum(
        common,
        unpacking,
        making(m, n, k, tail),
        product(rows, m, k),
        product(rows, n, k),
        ...tailProduct,
      );
    case 'factored':
      return sum(
        common,
        tail ? sum(unpacking, moved(3 * m * n)) : moved(packed ? -m * n : 0),
        product(rows, n, k),
        product(rows, k, m),
        product(rows, m, k),
        product(rows, k, n),
        ...tailProduct,
      );
    default:
      return form satisfies never;
  }
}

/** The form with the least time; the earlier one of two alike. */
export function chooseForm(shape: LayerShape, rows: number, balance: number): Form {
  const forms: readonly Form[] = ['dense', 'projected', 'factored'];
  const times = forms.map((form) => {
    const { flops, bytes } = stepWork(form, shape, rows);
    return flops + balance * bytes;
  });
  return forms[times.indexOf(Math.min(...times))] as Form;
}

/** a [p, q] · b [q, r]. */
function product(p: number, q: number, r: number): Work {
  return { flops: 2 * p * q * r, bytes: 4 * (p * q + q * r + p * r) };
}

/** W from its factors: a product, and W₀ (and T) read beside them. */
function making(m: number, n: number, k: number, tail: boolean): Work {
  return sum(product(m, k, n), moved(tail ? 3 * m * n : m * n));
}

const moved = (numbers: number): Work => ({ flops: 0, bytes: 4 * numbers });

function sum(...parts: readonly Work[]): Work {
  return {
    flops: parts.reduce((total, { flops }) => total + flops, 0),
    bytes: parts.reduce((total, { bytes }) => total + bytes, 0),
  };
}
