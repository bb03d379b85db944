/**
 * Which way up a photograph is. Cameras store pixels as the sensor lies and say in the EXIF data how the picture
 * is to be turned; `transformers.image_utils.load_image` turns it (`ImageOps.exif_transpose`), and so do browsers.
 */
import type { ImageHeader } from './image-header.ts';

/** EXIF 2.32, tag 0x0112: 1 as stored, 2 to 8 mirrored and turned. */
const orientationTag = 0x0112;

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** RGBA, row by row. */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** 1 to 8; 1 for a file that does not say, or says it in a way that makes no sense, as Pillow takes it. */
export function readOrientation(bytes: Uint8Array<ArrayBuffer>, format: ImageHeader['format']): number {
  const blocks = { JPEG: jpegBlocks, PNG: pngBlocks, WebP: webpBlocks, GIF: none, BMP: none }[format];
  try {
    for (const block of blocks(bytes)) {
      const value = inTiff(block);
      if (value !== null) return value >= 1 && value <= 8 ? value : 1;
    }
  } catch (thrown) {
    // The data ends in the middle: the decoder will have something to say, or it is EXIF data alone that is cut.
    if (!(thrown instanceof RangeError)) throw thrown;
  }
  return 1;
}

const viewOf = (bytes: Uint8Array<ArrayBuffer>, at = 0): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);

const startsWith = (bytes: Uint8Array, at: number, text: string): boolean =>
  [...text].every((letter, i) => bytes[at + i] === letter.charCodeAt(0));

const exifPrefix = 'Exif\0\0';

function* none(): Generator<DataView> {
  // These formats carry no EXIF data.
}

/** EXIF segments before the first scan (ITU T.81 B.1.1.4; EXIF 2.32, 4.5.4). */
function* jpegBlocks(bytes: Uint8Array<ArrayBuffer>): Generator<DataView> {
  const view = viewOf(bytes);
  for (let at = 2; view.getUint8(at) === 0xff && view.getUint8(at + 1) !== 0xda;) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xe1 && startsWith(bytes, at + 4, exifPrefix)) yield viewOf(bytes, at + 10);
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
}

/** Chunks `eXIf` (PNG 3, 11.3.3.4), which may also stand behind the pixels. */
function* pngBlocks(bytes: Uint8Array<ArrayBuffer>): Generator<DataView> {
  const view = viewOf(bytes);
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at))
    if (startsWith(bytes, at + 4, 'eXIf')) yield viewOf(bytes, at + 8);
}

/** Chunks `EXIF` (RFC 9649, 2.7.1.5). */
function* webpBlocks(bytes: Uint8Array<ArrayBuffer>): Generator<DataView> {
  const view = viewOf(bytes);
  for (let at = 12; at + 8 <= bytes.length;) {
    const size = view.getUint32(at + 4, true);
    if (startsWith(bytes, at, 'EXIF'))
      yield viewOf(bytes, at + 8 + (startsWith(bytes, at + 8, exifPrefix) ? exifPrefix.length : 0));
    at += 8 + size + (size % 2);
  }
}

/** The tag's value in the first directory of TIFF 6.0; null where it is not there, or no whole number. */
function inTiff(view: DataView): number | null {
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return null;
  const little = order === 0x4949;
  if (view.getUint16(2, little) !== 42) return null;
  const directory = view.getUint32(4, little);
  const entries = view.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + 12 * i;
    if (view.getUint16(at, little) !== orientationTag) continue;
    const type = view.getUint16(at + 2, little);
    if (type === 1) return view.getUint8(at + 8);
    if (type === 3) return view.getUint16(at + 8, little);
    return type === 4 ? view.getUint32(at + 8, little) : null;
  }
  return null;
}

/** The picture as it is to be seen. @param orientation 1 to 8 */
export function turned(image: Pixels, orientation: number): Pixels {
  if (orientation === 1) return image;
  const { width, height, data } = image;
  const [right, down] = [width - 1, (height - 1) * width];
  /** Where the first pixel lies, and how far it is to the next in a row and to the next row. */
  const walk: Readonly<Record<number, readonly [number, number, number]>> = {
    2: [right, -1, width],
    3: [down + right, -1, -width],
    4: [down, 1, -width],
    5: [0, width, 1],
    6: [down, -width, 1],
    7: [down + right, -width, -1],
    8: [right, width, -1],
  };
  const [origin, across, along] = walk[orientation] ?? [0, 1, width];
  const sideways = orientation >= 5;
  const [outWidth, outHeight] = sideways ? [height, width] : [width, height];
  const source = new Uint32Array(data.buffer, data.byteOffset, width * height);
  const out = new Uint32Array(width * height);
  for (let y = 0, to = 0; y < outHeight; y++)
    for (let x = 0, from = origin + y * along; x < outWidth; x++, from += across)
      out[to++] = source[from] as number;
  return { width: outWidth, height: outHeight, data: new Uint8ClampedArray(out.buffer) };
}
