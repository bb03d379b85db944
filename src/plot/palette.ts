/** The theme's colours for canvases, read from the page's CSS tokens, and word when the theme or the text size changes. */
export interface Palette {
  readonly dark: boolean;
  readonly surface: string;
  readonly well: string;
  readonly grid: string;
  readonly border: string;
  readonly text: string;
  readonly textDim: string;
  readonly textFaint: string;
  /** The optimiser's colour, and its wash. */
  readonly auto: string;
  readonly autoSoft: string;
  /** The hand's colour, and its wash. */
  readonly hand: string;
  readonly handSoft: string;
  /** Measured data that nobody steers: spectra. */
  readonly data: string;
  readonly font: string;
  /** The text size as a multiple of 16 CSS pixels. */
  readonly textScale: number;
}

export function readPalette(): Palette {
  const root = document.documentElement;
  const style = getComputedStyle(root);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    dark: root.dataset['theme'] === 'dark',
    surface: token('--surface'),
    well: token('--well'),
    grid: token('--grid'),
    border: token('--border-strong'),
    text: token('--text'),
    textDim: token('--text-dim'),
    textFaint: token('--text-faint'),
    auto: token('--vision'),
    autoSoft: token('--vision-soft'),
    hand: token('--reason'),
    handSoft: token('--reason-soft'),
    data: token('--neutral-mark'),
    font: token('--font'),
    textScale: Number.parseFloat(style.fontSize) / 16,
  };
}

/** Calls back after each change of the theme or the text size. Returns what ends it. */
export function watchTheme(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  observer.observe(document.documentElement, {
    attributes: true,
    attributeFilter: ['data-theme', 'data-text-size'],
  });
  return () => observer.disconnect();
}
