/**
 * Transparency. Models were trained on opaque images, so what shows through is white, on every road: as
 * `convert_to_rgb` of transformers' image processors does it, with the arithmetic of Pillow's `alpha_composite` onto
 * an opaque background (its src/libImaging/AlphaComposite.c).
 */

/** One channel of a pixel laid on white. @param value @param alpha 0 to 255 */
export function onWhite(value: number, alpha: number): number {
  const sum = ((value * alpha + 255 * (255 - alpha)) << 7) + (0x80 << 7);
  return ((sum >> 8) + sum) >> 15;
}

/** Lays RGBA pixels on white where they lie. */
export function layOnWhite(data: Uint8ClampedArray): void {
  for (let at = 3; at < data.length; at += 4) {
    const alpha = data[at] as number;
    if (alpha === 255) continue;
    for (let channel = at - 3; channel < at; channel++)
      data[channel] = onWhite(data[channel] as number, alpha);
    data[at] = 255;
  }
}
