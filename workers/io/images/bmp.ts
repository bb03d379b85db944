/**
 * BMP without compression: 1, 4 and 8 bits with a palette, 24 and 32 bits. The fourth byte of 32 bits is no
 * transparency unless the file says so (a mask for it), as Pillow takes it. Run-length coding and other masks are
 * refused by name.
 */
import { StudioError } from '../../../core/errors.ts';
import type { Codec } from './codec.ts';

const [uncompressed, bitFields] = [0, 3];

export const decodeBmp: Codec = (bytes, { width, height }, { file }) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const infoSize = view.getUint32(14, true);
  const isOld = infoSize === 12;
  const bits = view.getUint16(isOld ? 24 : 28, true);
  const compression = isOld ? uncompressed : view.getUint32(30, true);
  const masks = compression === bitFields ? [54, 58, 62].map((at) => view.getUint32(at, true)) : null;
  const plainMasks = !masks || (bits === 32 && masks.join() === [0xff0000, 0xff00, 0xff].join());
  if (
    ![1, 4, 8, 24, 32].includes(bits) ||
    (compression !== uncompressed && compression !== bitFields) ||
    !plainMasks
  )
    throw new StudioError(
      'unsupported',
      `${file}: is a BMP of a kind that is not decoded here (${bits} bits a pixel, compression ${compression}). Save it as PNG.`,
      { details: { file, value: compression } },
    );
  const hasAlpha = masks !== null && infoSize >= 56 && view.getUint32(66, true) === 0xff000000;
  const start = view.getUint32(10, true);
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (start + stride * height > bytes.length) throw new Error('it ends in the middle');
  const topDown = !isOld && view.getInt32(22, true) < 0;
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  const entry = isOld ? 3 : 4;
  const palette = bytes.subarray(14 + infoSize, start);
  for (let y = 0; y < height; y++) {
    const row = start + stride * (topDown ? y : height - 1 - y);
    for (let x = 0, to = 4 * y * width; x < width; x++, to += 4) {
      let [from, source]: [number, Uint8Array] = [row + (x * bits) / 8, bytes];
      if (bits <= 8) {
        const shift = 8 - bits - ((x * bits) % 8);
        from = entry * (((bytes[Math.floor(row + (x * bits) / 8)] as number) >> shift) & ((1 << bits) - 1));
        source = palette;
      }
      // Blue comes first.
      data[to] = source[from + 2] ?? 0;
      data[to + 1] = source[from + 1] ?? 0;
      data[to + 2] = source[from] ?? 0;
      if (hasAlpha) data[to + 3] = source[from + 3] as number;
    }
  }
  return { width, height, data };
};
