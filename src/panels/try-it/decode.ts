/**
 * An image file as RGBA pixels, in its own size: models scale it themselves, by other filters than a canvas
 * has. Only what is larger than any of them works with (Idefics3's 4096 a side) is scaled down here.
 */
import { readImageHeader, refuseHuge } from '../../../core/images/image-header.ts';
import type { RgbaImage } from '../../../protocol/session.ts';

const LONGEST_SIDE_PX = 4096;

/** Throws for what the browser cannot decode, and for what is too large to be decoded at all. */
export async function decodeImage(file: File): Promise<RgbaImage> {
  const header = readImageHeader(new Uint8Array(await file.arrayBuffer()));
  if (header) refuseHuge(header, file.name);
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error('The browser cannot read that file as an image.');
  });
  try {
    const scale = Math.min(1, LONGEST_SIDE_PX / Math.max(bitmap.width, bitmap.height));
    const width = Math.max(1, Math.round(bitmap.width * scale));
    const height = Math.max(1, Math.round(bitmap.height * scale));
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('The browser gave no canvas to decode the image on.');
    // Transparent pixels would come out black; models were trained on opaque images.
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0, width, height);
    return { width, height, data: context.getImageData(0, 0, width, height).data as Uint8ClampedArray };
  } finally {
    bitmap.close();
  }
}
