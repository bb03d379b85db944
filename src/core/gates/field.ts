/**
 * The gate field: one value per SVD subspace of every merged linear layer, in one flat array.
 *
 * A gate is what multiplies a singular value (`S_eff = gate ⊙ S`, FRISM Eq. 7 with gate = gateMax · sigmoid(g)). It lies in
 * [0, gateMax]; gateMax is 1 in the paper. Index i of slot s is subspace i of that layer, in order of falling singular value.
 */
export interface GateSlot {
  /** Canonical name of the linear layer, e.g. `layers.0.self_attn.q_proj`. */
  readonly id: string;
  /** Number of subspaces, min(rows, columns). */
  readonly rank: number;
  /** Where this slot's gates start in the flat arrays. */
  readonly offset: number;
}

export interface GateLayout {
  readonly slots: readonly GateSlot[];
  /** Sum of the ranks. */
  readonly size: number;
}

export interface GateField {
  /** Gates in [0, gateMax], float32, length `layout.size`. */
  readonly values: Float32Array;
  /** 1 where a person set the gate and the optimiser must leave it alone, else 0. */
  readonly locks: Uint8Array;
}

/** A change by hand. `values` and `locks` run parallel to `indices`; null leaves that part as it is. */
export interface GateEdit {
  readonly indices: Uint32Array;
  readonly values: Float32Array | null;
  readonly locks: Uint8Array | null;
}

export function makeLayout(slots: readonly { id: string; rank: number }[]): GateLayout {
  let offset = 0;
  const placed = slots.map(({ id, rank }) => {
    const slot = { id, rank, offset };
    offset += rank;
    return slot;
  });
  return { slots: placed, size: offset };
}

/** All gates half open and free: sigmoid(0) = 0.5, where FRISM starts. */
export function initialField(layout: GateLayout, gateMax = 1): GateField {
  return { values: new Float32Array(layout.size).fill(0.5 * gateMax), locks: new Uint8Array(layout.size) };
}

/** The field after an edit, as new arrays; values are clamped to [0, gateMax]. */
export function applyEdit(field: GateField, edit: GateEdit, gateMax = 1): GateField {
  const values = field.values.slice();
  const locks = field.locks.slice();
  edit.indices.forEach((index, i) => {
    const value = edit.values?.[i];
    if (value !== undefined) values[index] = Math.min(gateMax, Math.max(0, value));
    const lock = edit.locks?.[i];
    if (lock !== undefined) locks[index] = lock;
  });
  return { values, locks };
}

/** The edit that undoes `edit`, given the field before it. */
export function invertEdit(before: GateField, edit: GateEdit): GateEdit {
  return {
    indices: edit.indices,
    values: edit.values && Float32Array.from(edit.indices, (index) => before.values[index] ?? 0),
    locks: edit.locks && Uint8Array.from(edit.indices, (index) => before.locks[index] ?? 0),
  };
}
