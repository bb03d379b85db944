/** Which layers are selected, and the tool of the gate editor. Dialogs and notices are not kept. */
import * as v from 'valibot';
import { part } from './part.ts';
import { list, real, whole } from './shapes.ts';

export const viewPart = part({
  shape: v.strictObject({
    slots: list(whole(20_000), 20_000),
    band: v.nullable(v.tuple([real(0, 1), real(0, 1)])),
    gateTool: v.picklist(['shape', 'draw', 'band', 'smooth']),
  }),
  keep: ({ selection, gateTool }) => ({
    slots: [...selection.slots],
    band: selection.band && ([...selection.band] as [number, number]),
    gateTool,
  }),
  misfit: ({ slots }, { session }) =>
    slots.every((slot) => slot < (session?.slots.length ?? 0))
      ? null
      : 'A layer is selected that is not there.',
  restore({ slots, band, gateTool }, { context }) {
    context.set({ selection: { slots, band }, gateTool });
  },
});
