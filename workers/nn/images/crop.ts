/** Cutting and padding of 8-bit images. */
import type { Rgb8 } from './rgb.ts';

/** The part from (left, top); what lies outside the image has the colour `fill`. */
export function window(
  { width, height, data }: Rgb8,
  left: number,
  top: number,
  outWidth: number,
  outHeight: number,
  fill: readonly number[] = [0, 0, 0],
): Rgb8 {
  const out = new Uint8Array(outWidth * outHeight * 3);
  if (fill.some((value) => value !== 0)) out.forEach((_, i) => (out[i] = fill[i % 3] ?? 0));
  const [fromX, toX] = [Math.max(0, left), Math.min(width, left + outWidth)];
  for (let y = Math.max(0, top); y < Math.min(height, top + outHeight) && fromX < toX; y++) {
    out.set(
      data.subarray((y * width + fromX) * 3, (y * width + toX) * 3),
      ((y - top) * outWidth + fromX - left) * 3,
    );
  }
  return { width: outWidth, height: outHeight, data: out };
}

/** transformers' `center_crop` (Pillow backend); an image that is too small is laid on black. */
export function centerCrop(image: Rgb8, width: number, height: number): Rgb8 {
  return window(
    image,
    Math.floor((image.width - width) / 2),
    Math.floor((image.height - height) / 2),
    width,
    height,
  );
}

/** To a square of the longer edge, the image in its middle (LlavaImageProcessor). */
export function padToSquare(image: Rgb8, fill: readonly number[]): Rgb8 {
  const { width, height } = image;
  const side = Math.max(width, height);
  return width === height
    ? image
    : window(image, -Math.floor((side - width) / 2), -Math.floor((side - height) / 2), side, side, fill);
}

/** Tiles of one size, row by row; the image's sides are multiples of it. */
export function cutTiles(image: Rgb8, size: number): Rgb8[] {
  const [rows, columns] = [image.height / size, image.width / size];
  return Array.from({ length: rows * columns }, (_, i) =>
    window(image, (i % columns) * size, Math.floor(i / columns) * size, size, size),
  );
}
