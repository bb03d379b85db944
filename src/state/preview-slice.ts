/**
 * A look at models before they are opened: how they pair, and one layer's spectrum. One question at a time; a
 * newer one cancels the older, and an answer to what is no longer asked is dropped.
 */
import { toPlainError } from '../../protocol/wire.ts';
import { newJob, type SliceContext } from './context.ts';
import type { StudioActions, StudioState } from './types.ts';

type Part = Pick<StudioState, 'preview'> &
  Pick<StudioActions, 'inspect' | 'previewLayer' | 'cancelPreview' | 'dropPreview'>;

const none: StudioState['preview'] = {
  status: 'idle',
  progress: null,
  error: null,
  source: null,
  found: null,
  layer: null,
};

export function createPreviewSlice({ set, get, engine }: SliceContext): Part {
  let job: string | null = null;
  const patch = (part: Partial<StudioState['preview']>): void =>
    set((state) => ({ preview: { ...state.preview, ...part } }));
  const cancel = (): void => {
    if (job) void engine.cancel(job).catch(() => undefined);
    job = null;
  };

  return {
    preview: none,

    async inspect(source) {
      cancel();
      const mine = newJob('inspect');
      job = mine;
      set({ preview: { ...none, status: 'checking', source } });
      try {
        const found = await engine.inspect(mine, source, (progress) => job === mine && patch({ progress }));
        if (job === mine) patch({ status: 'ready', progress: null, found });
      } catch (thrown) {
        const error = toPlainError(thrown);
        if (job === mine)
          set({ preview: error.code === 'cancelled' ? none : { ...none, status: 'failed', source, error } });
      } finally {
        if (job === mine) job = null;
      }
    },

    async previewLayer(slot) {
      const { source, found } = get().preview;
      if (!source || !found) return;
      cancel();
      const mine = newJob('spectrum');
      job = mine;
      patch({ layer: { slot, progress: null, spectrum: null, error: null } });
      try {
        const spectrum = await engine.layerSpectrum(
          mine,
          source,
          slot,
          (progress) => job === mine && patch({ layer: { slot, progress, spectrum: null, error: null } }),
        );
        if (job === mine) patch({ layer: { slot, progress: null, spectrum, error: null } });
      } catch (thrown) {
        const error = toPlainError(thrown);
        if (job === mine)
          patch({
            layer: error.code === 'cancelled' ? null : { slot, progress: null, spectrum: null, error },
          });
      } finally {
        if (job === mine) job = null;
      }
    },

    cancelPreview() {
      cancel();
      const { preview } = get();
      if (preview.status === 'checking') set({ preview: none });
      else if (preview.layer && !preview.layer.spectrum && !preview.layer.error) patch({ layer: null });
    },

    dropPreview() {
      cancel();
      if (get().preview !== none) set({ preview: none });
    },
  };
}
