/**
 * The sequential colour scale of gates: ColorBrewer's YlGnBu (Harrower and Brewer 2003), safe for
 * colour-blind readers, monotone in lightness. Low values lie near the page's background in either theme: on
 * a dark page dark to bright, on a light one bright to dark.
 */
const bright = [255, 255, 217] as const;
const stops: readonly (readonly [number, number, number])[] = [
  [8, 29, 88],
  [37, 52, 148],
  [34, 94, 168],
  [29, 145, 192],
  [65, 182, 196],
  [127, 205, 187],
  [199, 233, 180],
  [237, 248, 177],
  bright,
];

/**
 * Where gate 1 sits on the scale when gates may exceed it: what lies above keeps a visible stretch of its
 * own.
 */
const SHARE_UP_TO_ONE = 0.75;

export interface ColourScale {
  /** CSS colour of a value in [0, max]; values outside take the ends, NaN is transparent. */
  css(value: number): string;
  /** The same as one pixel of an ImageData seen through a Uint32Array (little-endian RGBA). */
  pixel(value: number): number;
  readonly max: number;
  /** Position of a value on the scale, in [0, 1]. */
  share(value: number): number;
  /** Is the colour so light that ink on it must be dark? */
  isLight(value: number): boolean;
}

/** Colour at a place on the ramp, darkest first, linear between the stops; t in [0, 1]. */
export function rampColour(t: number): readonly [number, number, number] {
  const x = Math.min(1, Math.max(0, t)) * (stops.length - 1);
  const i = Math.min(stops.length - 2, Math.floor(x));
  const a = stops[i] ?? bright;
  const b = stops[i + 1] ?? a;
  const mix = (k: 0 | 1 | 2): number => Math.round(a[k] + (x - i) * (b[k] - a[k]));
  return [mix(0), mix(1), mix(2)];
}

const STEPS = 256;
/** On a dark page the ramp stops short of its brightest: a map with all gates open should not glare. */
const DARK_END = 0.9;
const ramp = Array.from({ length: STEPS }, (_, i) => `rgb(${rampColour(i / (STEPS - 1)).join(' ')})`);
const pixels = Uint32Array.from({ length: STEPS }, (_, i) => {
  const [r, g, b] = rampColour(i / (STEPS - 1));
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
});

export function gateColours(dark: boolean, max: number): ColourScale {
  const share = (value: number): number => {
    const clamped = Math.min(max, Math.max(0, value));
    if (max <= 1) return max > 0 ? clamped / max : 0;
    return clamped <= 1
      ? clamped * SHARE_UP_TO_ONE
      : SHARE_UP_TO_ONE + ((clamped - 1) / (max - 1)) * (1 - SHARE_UP_TO_ONE);
  };
  const position = (value: number): number => (dark ? share(value) * DARK_END : 1 - share(value));
  return {
    max,
    share,
    css: (value) =>
      Number.isNaN(value)
        ? 'transparent'
        : (ramp[Math.round(position(value) * (STEPS - 1))] ?? 'transparent'),
    pixel: (value) => (Number.isNaN(value) ? 0 : (pixels[Math.round(position(value) * (STEPS - 1))] ?? 0)),
    isLight: (value) => position(value) > 0.45,
  };
}
