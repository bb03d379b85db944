/**
 * Pixels of an image file, or a `bad-file` error that says why there are none. A browser decodes by itself;
 * elsewhere two libraries do. The one place that chooses between them: each is loaded where it is used.
 */
import type { DecodeImage } from '../contract.ts';

export const decodeImage: DecodeImage = async (bytes, file) => {
  const decoder =
    typeof createImageBitmap === 'function'
      ? (await import('./image-bitmap.ts')).decodeBitmap
      : (await import('./image-file.ts')).decodeImageFile;
  return decoder(bytes, file);
};
