/** The first frame of an animated WebP as a file of its own: libwebp's decoder of single images takes no animation. */
import type { Pixels } from './codec.ts';

interface Frame {
  /** A WebP of one image. */
  readonly file: Uint8Array<ArrayBuffer>;
  /** The canvas with the frame's pixels where they belong; the rest is transparent. */
  onCanvas(pixels: Pixels): Pixels;
}

const animationFlag = 2;
const alphaFlag = 0x10;

/** RFC 9649, 2.7.1.1. Null for a file that is not animated. */
export function firstFrame(bytes: Uint8Array<ArrayBuffer>): Frame | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const name = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  const three = (at: number): number => view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
  if (name(12) !== 'VP8X' || (view.getUint8(20) & animationFlag) === 0) return null;
  const [canvasWidth, canvasHeight] = [three(24) + 1, three(27) + 1];
  for (let at = 12; at + 8 <= bytes.length;) {
    const size = view.getUint32(at + 4, true);
    if (name(at) === 'ANMF') {
      const [left, top] = [2 * three(at + 8), 2 * three(at + 11)];
      const [width, height] = [three(at + 14) + 1, three(at + 17) + 1];
      if (left + width > canvasWidth || top + height > canvasHeight)
        throw new Error('its first frame is larger than the picture');
      const chunks = bytes.subarray(at + 24, at + 8 + size);
      if (at + 8 + size > bytes.length) throw new Error('it ends in the middle');
      return {
        file: asFile(chunks, width, height, name(at + 24) === 'ALPH'),
        onCanvas: (pixels) => {
          if (pixels.width !== width || pixels.height !== height)
            throw new Error('its first frame is of another size than it says');
          const data = new Uint8ClampedArray(4 * canvasWidth * canvasHeight);
          for (let y = 0; y < height; y++)
            data.set(
              pixels.data.subarray(4 * y * width, 4 * (y + 1) * width),
              4 * ((top + y) * canvasWidth + left),
            );
          return { width: canvasWidth, height: canvasHeight, data };
        },
      };
    }
    at += 8 + size + (size % 2);
  }
  throw new Error('it is an animation without a frame');
}

/** @param chunks of one frame: ALPH, and VP8 or VP8L */
function asFile(chunks: Uint8Array, width: number, height: number, alpha: boolean): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(30 + chunks.length);
  const view = new DataView(file.buffer);
  const put = (text: string, at: number): void =>
    file.set(
      [...text].map((letter) => letter.charCodeAt(0)),
      at,
    );
  const three = (at: number, value: number): void => {
    view.setUint16(at, value & 0xffff, true);
    view.setUint8(at + 2, value >> 16);
  };
  put('RIFF', 0);
  view.setUint32(4, file.length - 8, true);
  put('WEBPVP8X', 8);
  view.setUint32(16, 10, true);
  view.setUint8(20, alpha ? alphaFlag : 0);
  three(24, width - 1);
  three(27, height - 1);
  file.set(chunks, 30);
  return file;
}
