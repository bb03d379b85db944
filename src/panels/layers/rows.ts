/** Which rows the layer list shows and in what order, and what a click or a key selects. Pure. */
import type { MeasureId } from '../../../core/spectrum/measures.ts';
import type { SlotInfo, SlotSpectrum } from '../../../protocol/session.ts';

export type SortKey = 'order' | 'meanGate' | MeasureId;

export type Row =
  | {
      readonly kind: 'layer';
      readonly key: string;
      readonly layer: number;
      readonly slots: readonly number[];
      readonly open: boolean;
    }
  | { readonly kind: 'slot'; readonly key: string; readonly slot: number; readonly nested: boolean };

/** Slots of each model layer, in order. */
export function slotsByLayer(slots: readonly SlotInfo[]): Map<number, number[]> {
  const layers = new Map<number, number[]>();
  slots.forEach(({ layer }, index) => {
    const members = layers.get(layer);
    if (members) members.push(index);
    else layers.set(layer, [index]);
  });
  return layers;
}

/** Figure to sort by; a slot whose spectrum is not there yet, or cannot tell it, goes last. */
function sortFigure(
  key: Exclude<SortKey, 'order'>,
  slot: number,
  spectra: readonly (SlotSpectrum | null)[],
  meanGates: Float64Array,
): number {
  const figure = key === 'meanGate' ? meanGates[slot] : spectra[slot]?.measures[key];
  return figure === undefined || Number.isNaN(figure) ? -Infinity : figure;
}

/** Slots by a figure, largest first; equal figures keep the model's order. */
export function sortedSlots(
  key: Exclude<SortKey, 'order'>,
  slots: readonly SlotInfo[],
  spectra: readonly (SlotSpectrum | null)[],
  meanGates: Float64Array,
): number[] {
  const figure = slots.map((_, slot) => sortFigure(key, slot, spectra, meanGates));
  return slots.map((_, slot) => slot).sort((a, b) => (figure[b] ?? 0) - (figure[a] ?? 0) || a - b);
}

export function treeRows(slots: readonly SlotInfo[], collapsed: ReadonlySet<number>): Row[] {
  const rows: Row[] = [];
  for (const [layer, members] of slotsByLayer(slots)) {
    const open = !collapsed.has(layer);
    rows.push({ kind: 'layer', key: `layer-${layer}`, layer, slots: members, open });
    if (open)
      for (const slot of members) rows.push({ kind: 'slot', key: `slot-${slot}`, slot, nested: true });
  }
  return rows;
}

export function flatRows(order: readonly number[]): Row[] {
  return order.map((slot) => ({ kind: 'slot', key: `slot-${slot}`, slot, nested: false }));
}

export const slotsOf = (row: Row | undefined): readonly number[] =>
  row === undefined ? [] : row.kind === 'layer' ? row.slots : [row.slot];

export interface PickModifiers {
  /** Ctrl or ⌘: add or take away. */
  readonly toggle: boolean;
  /** Shift: everything from the anchor to here. */
  readonly range: boolean;
}

/**
 * The selection after picking row `at`, ascending. Toggling a layer takes it away only when all of it was
 * selected.
 */
export function pick(
  rows: readonly Row[],
  at: number,
  anchor: number,
  selected: readonly number[],
  { toggle, range }: PickModifiers,
): number[] {
  if (range) {
    const [from, to] = anchor <= at ? [anchor, at] : [at, anchor];
    const covered = rows.slice(Math.max(0, from), to + 1).flatMap(slotsOf);
    return ascending(toggle ? [...selected, ...covered] : covered);
  }
  const picked = slotsOf(rows[at]);
  if (!toggle) return ascending(picked);
  const whole = picked.every((slot) => selected.includes(slot));
  return ascending(whole ? selected.filter((slot) => !picked.includes(slot)) : [...selected, ...picked]);
}

function ascending(slots: readonly number[]): number[] {
  return [...new Set(slots)].sort((a, b) => a - b);
}
