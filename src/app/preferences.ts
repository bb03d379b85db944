/**
 * Keeps the page's look as it is preferred, and remembers preferences for the next visit: `data-theme` on <html> is
 * always the resolved theme, following the system while that is the choice, and `--text-scale` the size of the text.
 */
import { textSizes, type Preferences } from '../state/preferences.ts';
import { useStudio } from '../state/store.ts';

const themes = ['system', 'light', 'dark'] as const;
const backends = ['auto', 'webgpu', 'wasm'] as const;

/** The remembered one of these values, or the first. */
function remembered<T extends string | number>(name: keyof Preferences, values: readonly [T, ...T[]]): T {
  try {
    const stored = localStorage.getItem(`frism-studio.${name}`);
    return values.find((value) => String(value) === stored) ?? values[0];
  } catch {
    // Storage can be forbidden; then nothing is remembered.
    return values[0];
  }
}

function remember(name: keyof Preferences, value: string | number): void {
  try {
    localStorage.setItem(`frism-studio.${name}`, String(value));
  } catch {
    // As above.
  }
}

/** Before compute is started, which is one of the things that are preferred. */
export function keepPreferences(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = (): void => {
    const { theme, textSize } = useStudio.getState();
    const { dataset, style } = document.documentElement;
    dataset['theme'] = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
    dataset['textSize'] = String(textSize);
    style.setProperty('--text-scale', String(textSize));
  };
  const { setTheme, setTextSize, preferBackend } = useStudio.getState();
  setTheme(remembered('theme', themes));
  setTextSize(remembered('textSize', textSizes));
  preferBackend(remembered('backendChoice', backends));
  apply();
  dark.addEventListener('change', apply);
  useStudio.subscribe((state, previous) => {
    if (state.theme !== previous.theme || state.textSize !== previous.textSize) apply();
    for (const name of ['theme', 'textSize', 'backendChoice'] as const)
      if (state[name] !== previous[name]) remember(name, state[name]);
  });
}
