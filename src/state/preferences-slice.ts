/** What a person prefers of the page, kept from one visit to the next by whoever holds the store. */
import type { BackendChoice } from '../../protocol/engine.ts';
import { refused } from './actions/action.ts';
import { modelActions } from './actions/model-actions.ts';
import type { SliceContext } from './context.ts';

/** Text sizes as multiples of the browser's own. */
export const textSizes = [1, 1.15, 1.3, 1.5] as const;

export interface Preferences {
  readonly theme: 'system' | 'light' | 'dark';
  readonly textSize: (typeof textSizes)[number];
  readonly backendChoice: BackendChoice;
}

export interface PreferenceActions {
  setTheme(theme: Preferences['theme']): void;
  setTextSize(textSize: Preferences['textSize']): void;
  /** What compute is started on next. */
  preferBackend(choice: BackendChoice): void;
  /** Starts compute on it and opens the models again; gates and snapshots are kept. */
  chooseBackend(choice: BackendChoice): Promise<void>;
}

export function createPreferencesSlice({ set, get }: SliceContext): Preferences & PreferenceActions {
  return {
    theme: 'system',
    textSize: 1,
    backendChoice: 'auto',

    setTheme: (theme) => set({ theme }),
    setTextSize: (textSize) => set({ textSize }),
    preferBackend: (backendChoice) => set({ backendChoice }),
    async chooseBackend(choice) {
      if (refused(get(), modelActions.chooseBackend, choice)) return;
      if (choice === get().backendChoice) return;
      set({ backendChoice: choice });
      await get().reconnect();
    },
  };
}
