/** Images as the processors work on them: 8 bits, three channels, no transparency. */
import { StudioError } from '../../../core/errors.ts';
import { onWhite } from '../../../core/images/on-white.ts';

export interface Rgb8 {
  readonly width: number;
  readonly height: number;
  /** Row-major, 3 bytes a pixel. */
  readonly data: Uint8Array;
}

export interface Rgba8 {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray | Uint8Array;
}

/** Laid on white where it is transparent, as image files are when they are decoded. */
export function toRgb({ width, height, data }: Rgba8): Rgb8 {
  if (width < 1 || height < 1 || data.length !== width * height * 4) {
    throw new StudioError(
      'bad-request',
      `An image of ${width} × ${height} needs ${width * height * 4} bytes of RGBA, but has ${data.length}.`,
    );
  }
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    const alpha = data[from + 3] as number;
    for (let channel = 0; channel < 3; channel++)
      rgb[to++] =
        alpha === 255 ? (data[from + channel] as number) : onWhite(data[from + channel] as number, alpha);
  }
  return { width, height, data: rgb };
}
