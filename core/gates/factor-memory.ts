/**
 * How many bytes the factors of a matrix take on the device, in the cheaper of two forms that mean the same.
 *
 * `vectors`: U, S and Vᵀ whole, 4 r (rows + columns + 1) bytes; the gate of a tail is spread over its
 * subspaces. `dense`: U_k, S_k, V_kᵀ and the tail as a matrix, T = Σ_{i ≥ k} S_i u_i v_iᵀ, 4 (k (rows +
 * columns + 1) + rows · columns) bytes.
 */
import { hasTail, type GateLayout, type GateSlot } from './field.ts';

export interface FactorForm {
  readonly form: 'vectors' | 'dense';
  readonly bytes: number;
}

const floatBytes = 4;

export function factorForm(
  slot: Pick<GateSlot, 'gates' | 'rank'>,
  [rows, columns]: readonly [number, number],
): FactorForm {
  const each = rows + columns + 1;
  const vectors = floatBytes * slot.rank * each;
  const dense = floatBytes * ((slot.gates - 1) * each + rows * columns);
  return hasTail(slot) && dense < vectors
    ? { form: 'dense', bytes: dense }
    : { form: 'vectors', bytes: vectors };
}

/** @param matrices with their shapes [rows, columns], parallel to the layout's slots */
export function factorBytes(
  { slots }: GateLayout,
  matrices: readonly { readonly shape: readonly [number, number] }[],
): number {
  return slots.reduce((sum, slot, s) => {
    const shape = matrices[s]?.shape;
    return shape ? sum + factorForm(slot, shape).bytes : sum;
  }, 0);
}
