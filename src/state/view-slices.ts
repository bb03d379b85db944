/** What only the screen knows: selection, hover, the log and its toasts. */
import { newJob, type SliceContext } from './context.ts';
import type { StudioActions, StudioState } from './types.ts';

const LOG_LIMIT = 500;
const TOAST_LIMIT = 3;

type Part = Pick<
  StudioState,
  'selection' | 'hoveredSlot' | 'gateTool' | 'log' | 'toasts' | 'dialog' | 'offeredLayers'
> &
  Pick<
    StudioActions,
    'select' | 'hover' | 'setGateTool' | 'notify' | 'dismissToast' | 'showDialog' | 'offerLayers'
  >;

export function createViewSlice({ set }: SliceContext): Part {
  return {
    selection: { slots: [], band: null },
    hoveredSlot: null,
    gateTool: 'shape',
    log: [],
    toasts: [],
    dialog: null,
    offeredLayers: null,

    select(part) {
      set((state) => ({ selection: { ...state.selection, ...part } }));
    },
    hover(slot) {
      set((state) => (state.hoveredSlot === slot ? {} : { hoveredSlot: slot }));
    },
    setGateTool(gateTool) {
      set({ gateTool });
    },
    notify(level, text, way) {
      set((state) => ({
        log: [...state.log, { at: Date.now(), level, text }].slice(-LOG_LIMIT),
        toasts:
          level === 'info' && !way
            ? state.toasts
            : [
                ...state.toasts.filter((toast) => toast.text !== text),
                { id: newJob('toast'), level, text, way: way ?? null },
              ].slice(-TOAST_LIMIT),
      }));
    },
    dismissToast(id) {
      set((state) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) }));
    },
    showDialog(dialog) {
      set({ dialog });
    },
    offerLayers(offeredLayers) {
      set(offeredLayers ? { offeredLayers, dialog: 'open-models' } : { offeredLayers });
    },
  };
}
