/**
 * The sequential colour scale of gates: cividis (Nuñez, Anderton, Renslow 2018), made for colour-blind readers, monotone in
 * lightness. Low values lie near the page's background in either theme: dark page dark to bright, light page bright to dark.
 */
const cividis: readonly (readonly [number, number, number])[] = [
  [0, 32, 76], [0, 48, 111], [42, 64, 108], [72, 81, 107], [94, 98, 110], [114, 115, 117],
  [135, 134, 120], [158, 154, 115], [182, 173, 106], [207, 195, 90], [233, 217, 66], [255, 234, 70],
];

/** Where gate 1 sits on the scale when gates may exceed it: what lies above keeps a visible stretch of its own. */
const SHARE_UP_TO_ONE = 0.75;

export interface ColourScale {
  /** CSS colour of a value in [0, max]; values outside take the ends, NaN is transparent. */
  css(value: number): string;
  readonly max: number;
  /** Position of a value on the scale, in [0, 1]. */
  share(value: number): number;
  /** Is the colour so light that ink on it must be dark? */
  isLight(value: number): boolean;
}

/** Nearest entry of the ramp, linear between the stops; t in [0, 1]. */
export function cividisAt(t: number): readonly [number, number, number] {
  const x = Math.min(1, Math.max(0, t)) * (cividis.length - 1);
  const i = Math.min(cividis.length - 2, Math.floor(x));
  const a = cividis[i] ?? [0, 0, 0];
  const b = cividis[i + 1] ?? a;
  const mix = (k: 0 | 1 | 2): number => Math.round(a[k] + (x - i) * (b[k] - a[k]));
  return [mix(0), mix(1), mix(2)];
}

const STEPS = 256;
const darkRamp = Array.from({ length: STEPS }, (_, i) => `rgb(${cividisAt(i / (STEPS - 1)).join(' ')})`);

/** On a light page the bright end fades into paper: full yellow would shout loudest where nothing is injected. */
const paper = [247, 244, 230] as const;
const FADE_FROM = 0.62;
const lightRamp = Array.from({ length: STEPS }, (_, i) => {
  const t = i / (STEPS - 1);
  const fade = Math.max(0, (t - FADE_FROM) / (1 - FADE_FROM)) ** 1.2;
  const colour = cividisAt(t);
  return `rgb(${colour.map((part, k) => Math.round(part + fade * ((paper[k] ?? 255) - part))).join(' ')})`;
});

export function gateColours(dark: boolean, max: number): ColourScale {
  const share = (value: number): number => {
    const clamped = Math.min(max, Math.max(0, value));
    if (max <= 1) return max > 0 ? clamped / max : 0;
    return clamped <= 1 ? clamped * SHARE_UP_TO_ONE : SHARE_UP_TO_ONE + ((clamped - 1) / (max - 1)) * (1 - SHARE_UP_TO_ONE);
  };
  const ramp = dark ? darkRamp : lightRamp;
  const position = (value: number): number => (dark ? share(value) : 1 - share(value));
  return {
    max,
    share,
    css: (value) => (Number.isNaN(value) ? 'transparent' : (ramp[Math.round(position(value) * (STEPS - 1))] ?? 'transparent')),
    isLight: (value) => position(value) > 0.55,
  };
}
