/**
 * What an image file says of itself in its first bytes: enough to refuse what would fill the memory before
 * anything decodes it.
 */
import { StudioError } from '../errors.ts';

export type ImageFormat = 'PNG' | 'JPEG' | 'WebP' | 'GIF' | 'BMP';

export interface ImageHeader {
  readonly format: ImageFormat;
  readonly width: number;
  readonly height: number;
}

/** A decoder holds 4 bytes a pixel, and who asked for them as many again: 512 MiB. */
const maxPixels = 2 ** 26;

/** Throws `bad-file` where the header says that the image has no pixels, or more than are decoded. */
export function checkSize({ width, height }: Omit<ImageHeader, 'format'>, file: string): void {
  const bad = (why: string) => new StudioError('bad-file', `${file}: ${why}`, { details: { file } });
  if (width === 0 || height === 0)
    throw bad(`is damaged: its header says ${width} × ${height} pixels. Save the picture anew.`);
  if (width * height > maxPixels)
    throw bad(`has ${width} × ${height} pixels, more than can be decoded (67 million): make it smaller.`);
}

/** By the first bytes, whatever the file is called; null for none of these formats. */
export function imageFormat(bytes: Uint8Array): ImageFormat | null {
  const starts = (text: string, at = 0): boolean =>
    [...text].every((letter, i) => bytes[at + i] === letter.charCodeAt(0));
  if (starts('\x89PNG\r\n\x1a\n')) return 'PNG';
  if (starts('\xff\xd8\xff')) return 'JPEG';
  if (starts('GIF87a') || starts('GIF89a')) return 'GIF';
  if (starts('RIFF') && starts('WEBP', 8)) return 'WebP';
  return starts('BM') && bmpInfoSizes.includes(bytes[14] ?? 0) ? 'BMP' : null;
}

/** Of the information headers that Windows and OS/2 write: two letters alone would make many texts a BMP. */
const bmpInfoSizes = [12, 16, 40, 52, 56, 64, 108, 124];

/** Null for what is none of these formats, or ends before it has said its size. */
export function readImageHeader(bytes: Uint8Array<ArrayBuffer>): ImageHeader | null {
  const format = imageFormat(bytes);
  if (!format) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    const size = sizes[format](view);
    return size && { format, ...size };
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    return null;
  }
}

type Size = Pick<ImageHeader, 'width' | 'height'>;

const sizes: Readonly<Record<ImageFormat, (view: DataView) => Size | null>> = {
  PNG: (view) =>
    view.getUint32(12) === ihdr ? { width: view.getUint32(16), height: view.getUint32(20) } : null,
  JPEG: jpegSize,
  GIF: (view) => ({ width: view.getUint16(6, true), height: view.getUint16(8, true) }),
  WebP: webpSize,
  BMP: (view) =>
    view.getUint32(14, true) === 12
      ? { width: view.getUint16(18, true), height: view.getUint16(20, true) }
      : { width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) },
};

const ihdr = 0x49484452;

/** The frame header (ITU T.81, B.2.2) stands behind segments of any kind, an EXIF preview among them. */
function jpegSize(view: DataView): Size | null {
  for (let at = 2; ;) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    const isFill = marker === 0xff;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    // The scan begins without a frame, or the image ends.
    if (marker === 0xda || marker === 0xd9) return null;
    at += isFill ? 1 : 2 + view.getUint16(at + 2);
  }
}

/** RFC 9649: the first chunk is lossy, lossless or extended. */
function webpSize(view: DataView): Size | null {
  switch (view.getUint32(12)) {
    case 0x56503820: // VP8, lossy
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    case 0x5650384c: {
      // VP8L, lossless
      const bits = view.getUint32(21, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 0x56503858: {
      // VP8X, extended
      const three = (at: number) => view.getUint16(at, true) + (view.getUint8(at + 2) << 16) + 1;
      return { width: three(24), height: three(27) };
    }
    default:
      return null;
  }
}
