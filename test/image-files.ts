/**
 * Small real image files, for tests of what a person brings: boards in the demo's colours as PNG and JPEG,
 * and one that is damaged.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encode as encodePng } from 'fast-png';
import { encode as encodeJpeg } from 'jpeg-js';

/** RGBA, a light ground with dark squares that `seed` places. */
function drawing(width: number, height: number, seed: number): Uint8Array {
  const data = new Uint8Array(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const dark = ((x >> 3) * 7 + (y >> 3) * 13 + seed * 5) % 11 < 2;
      data.set(dark ? [25, 25, 28, 255] : [244, 242, 238, 255], 4 * (y * width + x));
    }
  }
  return data;
}

export const pngFile = (width: number, height: number, seed: number): Uint8Array =>
  encodePng({ width, height, data: drawing(width, height, seed) });
export const jpegFile = (width: number, height: number, seed: number): Uint8Array =>
  Uint8Array.from(encodeJpeg({ width, height, data: drawing(width, height, seed) }, 90).data);

/**
 * A folder with three images of unlike sizes (one of them in a folder of its own), a damaged one and a text.
 */
export function writeImages(folder: string): void {
  const write = (path: string, content: Uint8Array | string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  write('board-2.png', pngFile(64, 64, 2));
  write('board-10.jpg', jpegFile(120, 80, 10));
  write('more/board-3.JPEG', jpegFile(50, 70, 3));
  write('broken.png', pngFile(64, 64, 1).subarray(0, 90));
  write('notes.txt', 'no image');
}
