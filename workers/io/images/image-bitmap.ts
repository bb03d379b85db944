/**
 * Pixels of an image file by the browser's own decoder, in a worker: turned as its EXIF data says (as
 * transformers' `load_image` does), transparency laid on white. Only what is larger than any processor works
 * with (4096 a side) is scaled down.
 */
import { StudioError } from '../../../core/errors.ts';
import { readImageHeader, refuseHuge } from '../../../core/images/image-header.ts';
import type { DecodeImage } from '../contract.ts';

const longestSide = 4096;

export const decodeBitmap: DecodeImage = async (bytes, file) => {
  const refuse = (why: string, cause?: unknown) =>
    new StudioError('bad-file', `${file}: ${why}`, { details: { file }, cause });
  const header = readImageHeader(bytes);
  if (!header) throw refuse('is no PNG, JPEG, WebP, GIF or BMP image.');
  refuseHuge(header, file);
  const bitmap = await createImageBitmap(new Blob([bytes])).catch((cause: unknown) => {
    throw refuse(`is damaged: the browser cannot decode it as ${header.format}.`, cause);
  });
  try {
    const scale = Math.min(1, longestSide / Math.max(bitmap.width, bitmap.height));
    const width = Math.max(1, Math.round(bitmap.width * scale));
    const height = Math.max(1, Math.round(bitmap.height * scale));
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    if (!context) throw new StudioError('device', 'The browser gave no canvas to decode images on.');
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0, width, height);
    return { width, height, data: context.getImageData(0, 0, width, height).data as Uint8ClampedArray };
  } finally {
    bitmap.close();
  }
};
