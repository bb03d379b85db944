/**
 * A PNG sheet of equal square tiles: tile i lies at row ⌊i / columns⌋, column i mod columns. The sheet is as wide as
 * its columns; rows without a tile may follow.
 */
import { decode } from 'fast-png';
import { StudioError } from '../../core/errors.ts';
import { imageFormat } from '../../core/images/image-header.ts';
import type { RgbaImage } from '../../protocol/session.ts';

export interface SheetGeometry {
  readonly tile: number;
  readonly columns: number;
  readonly count: number;
}

export interface Sheet {
  readonly count: number;
  tile(index: number): RgbaImage;
}

/** Larger sheets would not fit in memory once decoded. */
const maxPixels = 2 ** 27;

export function openSheet(bytes: Uint8Array, { tile, columns, count }: SheetGeometry, file: string): Sheet {
  const bad = (message: string, cause?: unknown) =>
    new StudioError('bad-file', `${file}: ${message}`, { details: { file }, cause });
  // IHDR holds the size: a small file must not be able to ask for a large array.
  if (bytes.length < 24) throw bad('is too short for a PNG image.');
  const header = new DataView(bytes.buffer, bytes.byteOffset, 24);
  const [format, width0, height0] = [imageFormat(bytes), header.getUint32(16), header.getUint32(20)];
  if (format !== 'PNG')
    throw bad(
      `is ${format ? `a ${format} image` : 'no image'} and no PNG, whatever its name. Save the sheet as PNG.`,
    );
  if (width0 * height0 > maxPixels)
    throw bad(
      `has ${width0} × ${height0} pixels, more than a sheet may have (${maxPixels}). Draw smaller sheets.`,
    );
  let image: ReturnType<typeof decode>;
  try {
    image = decode(bytes, { checkCrc: true });
  } catch (cause) {
    throw bad(
      `is not a readable PNG image (${cause instanceof Error ? cause.message : String(cause)}).`,
      cause,
    );
  }
  const { width, height, channels, depth, data, palette, transparency } = image;
  if (depth !== 8 || palette || transparency || !(channels === 1 || channels === 3 || channels === 4))
    throw bad('must have 8 bits a channel: grey, RGB or RGBA, without a palette or a transparent colour.');
  const rows = Math.ceil(count / columns);
  if (tile * columns !== width || tile * rows > height || height % tile !== 0)
    throw bad(
      `is ${width} × ${height} pixels, and ${count} tiles of ${tile} pixels in ${columns} columns make a sheet of ${tile * columns} × ${tile * rows}: tiles would be cut from the wrong places. Correct tile, columns or count, or draw the sheet anew.`,
    );
  return {
    count,
    tile: (index) => {
      const left = (index % columns) * tile;
      const top = Math.floor(index / columns) * tile;
      const rgba = new Uint8ClampedArray(4 * tile * tile);
      for (let y = 0, to = 0; y < tile; y++) {
        for (let x = 0; x < tile; x++, to += 4) {
          const from = ((top + y) * width + left + x) * channels;
          const second = channels === 1 ? from : from + 1;
          rgba[to] = data[from] as number;
          rgba[to + 1] = data[second] as number;
          rgba[to + 2] = data[channels === 1 ? from : from + 2] as number;
          rgba[to + 3] = channels === 4 ? (data[from + 3] as number) : 255;
        }
      }
      return { width: tile, height: tile, data: rgba };
    },
  };
}
