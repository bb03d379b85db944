/**
 * Short names of linear layers for labels: `q`, `down`, or the tail of the full name where the kind is not
 * one of the seven.
 */
import { expertOf } from '../family/tensor-names.ts';
import { hasTail, subspacesOf, type GateSlot, type IndexRange } from './field.ts';

export interface NamedSlot {
  readonly id: string;
  readonly layer: number;
  readonly kind: string;
}

const spoken: Readonly<Record<string, string>> = {
  q: 'attention query',
  k: 'attention key',
  v: 'attention value',
  o: 'attention output',
  gate: 'MLP gate',
  up: 'MLP up',
  down: 'MLP down',
};

export function kindName(slot: NamedSlot): string {
  const kind = slot.kind === 'other' ? (slot.id.split('.').at(-1) ?? slot.id) : slot.kind;
  const expert = expertName(slot.id);
  return expert === null ? kind : `${kind} (${expert})`;
}

/** `expert 3`; `shared expert` for one that every token asks; null outside a mixture of experts. */
function expertName(id: string): string | null {
  const number = expertOf(id);
  return number === null ? (/\.shared_experts?\./.test(id) ? 'shared expert' : null) : `expert ${number}`;
}

/** As `2 · down`. */
export function slotName(slot: NamedSlot): string {
  return `${slot.layer} · ${kindName(slot)}`;
}

/**
 * The subspaces that a stretch of a slot's gates stands for, counted from 1: `3–16`, `17`, or `17–128` for a
 * tail.
 */
export function subspaceNumbers(slot: Pick<GateSlot, 'gates' | 'rank'>, { start, end }: IndexRange): string {
  const last = subspacesOf(slot, end - 1).end;
  return last - start === 1 ? `${start + 1}` : `${start + 1}–${last}`;
}

/** Whether that stretch is the tail and nothing else. */
export const isTail = (slot: Pick<GateSlot, 'gates' | 'rank'>, { start }: IndexRange): boolean =>
  hasTail(slot) && start === slot.gates - 1;

/** For screen readers and tooltips: `layer 2, MLP down`. */
export function spokenName(slot: NamedSlot): string {
  const expert = expertName(slot.id);
  const kind = spoken[slot.kind] ?? kindName({ ...slot, id: slot.id.split('.').at(-1) ?? '' });
  return `layer ${slot.layer}, ${kind}${expert === null ? '' : `, ${expert}`}`;
}
