/** Short names of linear layers for labels: `q`, `down`, or the tail of the full name where the kind is not one of the seven. */
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
  return slot.kind === 'other' ? (slot.id.split('.').at(-1) ?? slot.id) : slot.kind;
}

/** As `2 · down`. */
export function slotName(slot: NamedSlot): string {
  return `${slot.layer} · ${kindName(slot)}`;
}

/** For screen readers and tooltips: `layer 2, MLP down`. */
export function spokenName(slot: NamedSlot): string {
  return `layer ${slot.layer}, ${spoken[slot.kind] ?? kindName(slot)}`;
}
