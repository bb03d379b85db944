/** Keeps `data-theme` on <html> resolved, remembers the choice, follows the system while it is the choice. */
import type { StudioState } from '../state/types.ts';
import { useStudio } from '../state/store.ts';

const KEY = 'frism-studio.theme';
type Theme = StudioState['theme'];

function remembered(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    // Storage can be forbidden; then nothing is remembered.
    return 'system';
  }
}

export function keepTheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = (): void => {
    const { theme } = useStudio.getState();
    document.documentElement.dataset['theme'] =
      theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
  };
  useStudio.getState().setTheme(remembered());
  apply();
  dark.addEventListener('change', apply);
  useStudio.subscribe((state, previous) => {
    if (state.theme === previous.theme) return;
    apply();
    try {
      localStorage.setItem(KEY, state.theme);
    } catch {
      // As above.
    }
  });
}
