/**
 * What an image file says of itself in its first bytes: enough to refuse what would fill the memory before
 * anything decodes it.
 */
import { StudioError } from '../errors.ts';

export interface ImageHeader {
  readonly format: 'PNG' | 'JPEG' | 'WebP' | 'GIF' | 'BMP';
  readonly width: number;
  readonly height: number;
}

/** A browser holds 4 bytes a pixel, and its canvas as many again: 512 MiB. */
const maxPixels = 2 ** 26;

/** Throws `bad-file` where the header says that the image is larger than a browser should decode. */
export function refuseHuge(header: ImageHeader, file: string): void {
  const { width, height } = header;
  if (width * height > maxPixels)
    throw new StudioError(
      'bad-file',
      `${file}: has ${width} × ${height} pixels, more than can be decoded (67 million): make it smaller.`,
      { details: { file } },
    );
}

/** Null for what is none of these formats, or ends before it has said its size. */
export function readImageHeader(bytes: Uint8Array<ArrayBuffer>): ImageHeader | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const starts = (text: string, at = 0): boolean =>
    bytes.length >= at + text.length &&
    [...text].every((letter, i) => bytes[at + i] === letter.charCodeAt(0));
  try {
    if (starts('\x89PNG\r\n\x1a\n') && starts('IHDR', 12))
      return { format: 'PNG', width: view.getUint32(16), height: view.getUint32(20) };
    if (starts('\xff\xd8')) return jpegHeader(view);
    if (starts('GIF87a') || starts('GIF89a'))
      return { format: 'GIF', width: view.getUint16(6, true), height: view.getUint16(8, true) };
    if (starts('RIFF') && starts('WEBP', 8)) return webpHeader(view, starts);
    if (starts('BM'))
      return {
        format: 'BMP',
        width: Math.abs(view.getInt32(18, true)),
        height: Math.abs(view.getInt32(22, true)),
      };
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
  }
  return null;
}

/** The frame header (ITU T.81, B.2.2) stands behind segments of any kind, an EXIF preview among them. */
function jpegHeader(view: DataView): ImageHeader | null {
  for (let at = 2; ;) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    const isFill = marker === 0xff;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { format: 'JPEG', height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    // The scan begins without a frame, or the image ends.
    if (marker === 0xda || marker === 0xd9) return null;
    at += isFill ? 1 : 2 + view.getUint16(at + 2);
  }
}

/** RFC 9649: the first chunk is lossy, lossless or extended. */
function webpHeader(view: DataView, starts: (text: string, at: number) => boolean): ImageHeader | null {
  if (starts('VP8 ', 12))
    return {
      format: 'WebP',
      width: view.getUint16(26, true) & 0x3fff,
      height: view.getUint16(28, true) & 0x3fff,
    };
  if (starts('VP8L', 12)) {
    const bits = view.getUint32(21, true);
    return { format: 'WebP', width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  const three = (at: number) => view.getUint16(at, true) + (view.getUint8(at + 2) << 16) + 1;
  return starts('VP8X', 12) ? { format: 'WebP', width: three(24), height: three(27) } : null;
}
