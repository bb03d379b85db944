/** Preferences, kept from one visit to the next by whoever holds the store. */
import { refused } from './actions/action.ts';
import { modelActions } from './actions/model-actions.ts';
import type { SliceContext } from './context.ts';
import type { PreferenceActions, Preferences } from './preferences.ts';

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
