/** What concerns the page alone. */
import type { StudioState } from '../types.ts';
import { textSizes } from '../preferences.ts';
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

/** The next larger one; after the largest comes the smallest. */
const nextSize = (size: StudioState['textSize']): StudioState['textSize'] =>
  textSizes.find((other) => other > size) ?? textSizes[0];

export const pageActions = {
  theme: row({
    label: 'Change the theme',
    labelNow: ({ theme }) => themeNames[theme],
    hint: ({ theme }) => themeNames[theme],
    icon: 'theme',
    obstacle: never,
    perform: (state) => state.setTheme(nextTheme[state.theme]),
  }),
  textSize: row({
    label: 'Change the size of the text',
    labelNow: ({ textSize }) => `Text size: ${Math.round(100 * textSize)} %`,
    hint: ({ textSize }) => `Text size: ${Math.round(100 * textSize)} %`,
    icon: 'text',
    obstacle: never,
    perform: (state) => state.setTextSize(nextSize(state.textSize)),
  }),
  help: keyed({
    label: 'Keyboard shortcuts',
    keys: ['?'],
    icon: 'keyboard',
    obstacle: never,
    perform: (state) => state.showDialog('shortcuts'),
  }),
};
