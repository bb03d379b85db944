/** What a choice of layers means for the models that were checked: how many matrices and gates. Pure. */
import { formatLayers, selects, type LayerSelection } from '../../../core/family/selection.ts';
import type { SlotInfo } from '../../../protocol/session.ts';

type Slots = readonly Pick<SlotInfo, 'layer' | 'kind' | 'rank'>[];

export interface LayerCount {
  readonly matrices: number;
  readonly all: number;
  readonly gates: number;
}

export function layerCount(slots: Slots, selection: LayerSelection): LayerCount {
  const chosen = slots.filter(selects(selection));
  return {
    matrices: chosen.length,
    all: slots.length,
    gates: chosen.reduce((sum, { rank }) => sum + rank, 0),
  };
}

/** Why nothing can be opened of it, in a sentence; null where it can. */
export function absentLayers(slots: Slots, selection: LayerSelection): string | null {
  const there = new Set(slots.map(({ layer }) => layer));
  const absent = selection.layers?.filter((layer) => !there.has(layer)) ?? [];
  if (absent.length > 0)
    return `Not there: ${formatLayers(absent)}. These models have ${formatLayers([...there].sort((a, b) => a - b))}.`;
  return slots.some(selects(selection)) ? null : 'No matrix is of these layers and kinds.';
}
