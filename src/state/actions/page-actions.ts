/** What concerns the page alone. */
import type { StudioState } from '../types.ts';
import { keyed, row } from './action.ts';
import { never } from './obstacles.ts';

const nextTheme: Readonly<Record<StudioState['theme'], StudioState['theme']>> = {
  system: 'light',
  light: 'dark',
  dark: 'system',
};

const themeNames: Readonly<Record<StudioState['theme'], string>> = {
  system: 'Theme: as the system',
  light: 'Theme: light',
  dark: 'Theme: dark',
};

export const pageActions = {
  theme: row({
    label: 'Change the theme',
    labelNow: ({ theme }) => themeNames[theme],
    hint: ({ theme }) => themeNames[theme],
    icon: 'theme',
    obstacle: never,
    perform: (state) => state.setTheme(nextTheme[state.theme]),
  }),
  help: keyed({
    label: 'Keyboard shortcuts',
    keys: ['?'],
    icon: 'keyboard',
    obstacle: never,
    perform: (state) => state.showDialog('shortcuts'),
  }),
};
