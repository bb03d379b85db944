/**
 * Pixels of a PNG or JPEG file outside a browser. PNG is exact; of JPEG, decoders may differ by a level or
 * two, as the standard allows. No colour management, no rotation by EXIF: as Pillow opens a file.
 */
import { decode as decodePng } from 'fast-png';
import { decode as decodeJpeg } from 'jpeg-js';
import { StudioError } from '../../../core/errors.ts';
import type { RgbaImage } from '../../../protocol/session.ts';
import type { DecodeImage } from '../contract.ts';

/** A camera's 33 million; of JPEG, decoding takes about twenty times as many bytes. */
const maxPixels = 2 ** 25;

export const decodeImageFile: DecodeImage = async (bytes, file) => {
  const isPng = bytes[0] === 0x89 && bytes[1] === 0x50;
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  const refuse = (why: string, cause?: unknown): never => {
    throw new StudioError('bad-file', `${file}: ${why}`, { details: { file }, cause });
  };
  if (!isPng && !isJpeg) return refuse('is neither PNG nor JPEG; convert it to one of them.');
  try {
    return isPng ? fromPng(bytes, refuse) : fromJpeg(bytes);
  } catch (thrown) {
    if (thrown instanceof StudioError) throw thrown;
    return refuse(
      `could not be decoded: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      thrown,
    );
  }
};

function fromPng(bytes: Uint8Array<ArrayBuffer>, refuse: (why: string) => never): RgbaImage {
  // Before anything is allocated: width and height stand in the first chunk.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 24 || view.getUint32(16) * view.getUint32(20) > maxPixels)
    refuse('is cut short, or has more than 33 million pixels.');
  const { width, height, data, channels, depth, palette } = decodePng(bytes);
  const scale = depth === 16 ? 257 : 255 / (2 ** Math.min(depth, 8) - 1 || 255);
  const out = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    const value = (channel: number): number =>
      depth === 16
        ? (data[i * channels + channel] ?? 0) / scale
        : (data[i * channels + channel] ?? 0) * (depth < 8 ? scale : 1);
    const colour = palette?.[data[i] ?? 0];
    const [red, green, blue, alpha] = colour
      ? [colour[0] ?? 0, colour[1] ?? 0, colour[2] ?? 0, colour[3] ?? 255]
      : channels < 3
        ? [value(0), value(0), value(0), channels === 2 ? value(1) : 255]
        : [value(0), value(1), value(2), channels === 4 ? value(3) : 255];
    out.set([red, green, blue, alpha], 4 * i);
  }
  return { width, height, data: out };
}

function fromJpeg(bytes: Uint8Array<ArrayBuffer>): RgbaImage {
  const { width, height, data } = decodeJpeg(bytes, {
    useTArray: true,
    formatAsRGBA: true,
    maxResolutionInMP: maxPixels / 1e6,
    maxMemoryUsageInMB: 1024,
  });
  return { width, height, data: new Uint8ClampedArray(data) };
}
