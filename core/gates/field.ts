/**
 * The gate field: the gates of every merged linear layer, in one flat array.
 *
 * A gate is what multiplies a singular value (`S_eff = gate ⊙ S`, FRISM Eq. 7 with gate = gateMax ·
 * sigmoid(g)). It lies in [0, gateMax]; gateMax is 1 in the paper. Gate i of a slot is that of subspace i, in
 * order of falling singular value; the last gate also stands for every subspace after its own. Without a
 * budget there is none after it and each subspace has its own gate, as in the paper. With a budget of k the
 * first k subspaces have their own, and the rest of τ, the *tail*, shares one.
 */
import { StudioError } from '../errors.ts';

export interface GateSlot {
  /** Canonical name of the linear layer, e.g. `layers.0.self_attn.q_proj`. */
  readonly id: string;
  /** Number of subspaces: min(rows, columns), or fewer where the task vector is known to have fewer. */
  readonly rank: number;
  /** Number of gates, 1 to rank. */
  readonly gates: number;
  /** Where this slot's gates start in the flat arrays. */
  readonly offset: number;
}

export interface GateLayout {
  readonly slots: readonly GateSlot[];
  /** Number of gates of all slots together. */
  readonly size: number;
  /** Subspaces with a gate of their own in each matrix that has a tail; null where none has one. */
  readonly budget: number | null;
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

/**
 * Gates of a matrix of rank `rank`: k and the tail's. Where the tail would be one subspace or none, every
 * subspace has its own.
 */
export const gateCount = (rank: number, budget: number | null): number =>
  budget === null ? rank : Math.min(budget + 1, rank);

/** @param budget k ≥ 1, or null for a gate to each subspace; one that leaves no matrix a tail is none */
export function makeLayout(
  slots: readonly { readonly id: string; readonly rank: number }[],
  budget: number | null = null,
): GateLayout {
  if (budget !== null && !(Number.isInteger(budget) && budget >= 1)) {
    throw new StudioError('bad-request', `A subspace budget is a whole number from 1, not ${budget}.`, {
      details: { value: budget },
    });
  }
  let offset = 0;
  const placed = slots.map(({ id, rank }) => {
    const slot = { id, rank, gates: gateCount(rank, budget), offset };
    offset += slot.gates;
    return slot;
  });
  return { slots: placed, size: offset, budget: placed.some(hasTail) ? budget : null };
}

/** Whether the last gate stands for more than one subspace. */
export const hasTail = ({ gates, rank }: Pick<GateSlot, 'gates' | 'rank'>): boolean => gates < rank;

/** Subspaces with a gate of their own. */
export const ownGates = (slot: Pick<GateSlot, 'gates' | 'rank'>): number =>
  hasTail(slot) ? slot.gates - 1 : slot.gates;

/** A stretch of gates or subspaces, [start, end). */
export interface IndexRange {
  readonly start: number;
  readonly end: number;
}

/** The subspaces that a gate of a slot stands for; never none. */
export function subspacesOf({ gates, rank }: Pick<GateSlot, 'gates' | 'rank'>, gate: number): IndexRange {
  return { start: gate, end: gate === gates - 1 ? rank : gate + 1 };
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
