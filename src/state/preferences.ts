/** What a person prefers of the page. */
import type { BackendChoice } from '../../protocol/engine.ts';

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
