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

/**
 * 1 to 8; 1 for a file that does not say, or says it in a way that makes no sense, as Pillow takes it. Where the EXIF
 * data does not say, an XMP packet may.
 */
export function readOrientation(bytes: Uint8Array<ArrayBuffer>, format: ImageHeader['format']): number {
  const blocks = { JPEG: jpegBlocks, PNG: pngBlocks, WebP: webpBlocks, GIF: none, BMP: none }[format];
  const found: { exif: number | null; xmp: number | null } = { exif: null, xmp: null };
  try {
    for (const { kind, data } of blocks(bytes)) found[kind] ??= kind === 'exif' ? inTiff(data) : inXmp(data);
  } catch (thrown) {
    // The data ends in the middle: the decoder will have something to say, or it is EXIF data alone that is cut.
    if (!(thrown instanceof RangeError)) throw thrown;
  }
  const value = found.exif ?? found.xmp ?? 1;
  return value >= 1 && value <= 8 ? value : 1;
}

interface Block {
  readonly kind: 'exif' | 'xmp';
  readonly data: Uint8Array<ArrayBuffer>;
}

const viewOf = (bytes: Uint8Array<ArrayBuffer>): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

const startsWith = (bytes: Uint8Array, text: string): boolean =>
  [...text].every((letter, i) => bytes[i] === letter.charCodeAt(0));

const exifPrefix = 'Exif\0\0';
const xmpPrefix = 'http://ns.adobe.com/xap/1.0/\0';
const pngXmpKey = 'XML:com.adobe.xmp\0';

function* none(): Generator<Block> {
  // These formats carry no EXIF data.
}

/** Segments before the first scan (ITU T.81 B.1.1.4; EXIF 2.32, 4.5.4; XMP part 3, 1.1.3). */
function* jpegBlocks(bytes: Uint8Array<ArrayBuffer>): Generator<Block> {
  const view = viewOf(bytes);
  for (let at = 2; view.getUint8(at) === 0xff && view.getUint8(at + 1) !== 0xda;) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    const body = bytes.subarray(at + 4, at + 2 + view.getUint16(at + 2));
    if (marker === 0xe1 && startsWith(body, exifPrefix))
      yield { kind: 'exif', data: body.subarray(exifPrefix.length) };
    if (marker === 0xe1 && startsWith(body, xmpPrefix))
      yield { kind: 'xmp', data: body.subarray(xmpPrefix.length) };
    at += 2 + view.getUint16(at + 2);
  }
}

/** Chunks `eXIf` (PNG 3, 11.3.3.4) and `iTXt`, which may also stand behind the pixels. */
function* pngBlocks(bytes: Uint8Array<ArrayBuffer>): Generator<Block> {
  const view = viewOf(bytes);
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const [type, body] = [
      bytes.subarray(at + 4, at + 8),
      bytes.subarray(at + 8, at + 8 + view.getUint32(at)),
    ];
    if (startsWith(type, 'eXIf')) yield { kind: 'exif', data: body };
    if (startsWith(type, 'iTXt') && startsWith(body, pngXmpKey))
      yield { kind: 'xmp', data: body.subarray(pngXmpKey.length) };
  }
}

/** Chunks `EXIF` and `XMP ` (RFC 9649, 2.7.1.5). */
function* webpBlocks(bytes: Uint8Array<ArrayBuffer>): Generator<Block> {
  const view = viewOf(bytes);
  for (let at = 12; at + 8 <= bytes.length;) {
    const size = view.getUint32(at + 4, true);
    const [type, body] = [bytes.subarray(at, at + 4), bytes.subarray(at + 8, at + 8 + size)];
    if (startsWith(type, 'EXIF'))
      yield { kind: 'exif', data: startsWith(body, exifPrefix) ? body.subarray(exifPrefix.length) : body };
    if (startsWith(type, 'XMP ')) yield { kind: 'xmp', data: body };
    at += 8 + size + (size % 2);
  }
}

/** A packet is text of some kilobytes. */
const mostXmpBytes = 2 ** 20;

/** `tiff:Orientation` as an attribute or an element, found as Pillow finds it: in the text. */
function inXmp(packet: Uint8Array<ArrayBuffer>): number | null {
  const text = new TextDecoder('latin1').decode(packet.subarray(0, mostXmpBytes));
  const digit = /tiff:Orientation(?:="|>)([0-9])/.exec(text)?.[1];
  return digit === undefined ? null : Number(digit);
}

/** The tag's value in the first directory of TIFF 6.0; null where it is not there, or no whole number. */
function inTiff(block: Uint8Array<ArrayBuffer>): number | null {
  const view = viewOf(block);
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
