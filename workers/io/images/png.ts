/**
 * PNG by the `png` crate (@jsquash/png): every colour type and depth, palettes, tRNS, Adam7; of 16 bits the high
 * byte. The crate is asked not to look at checksums, so they are looked at here: pixels of a damaged file that
 * happens to inflate are not an image.
 */
import openCodec, { decode } from '@jsquash/png/codec/pkg/squoosh_png.js';
import type { Codec, Pixels } from './codec.ts';
import { checkInflated } from './png-data.ts';

export const decodePng: Codec = async (bytes, _header, { places }) => {
  checkChunks(bytes);
  await checkInflated(bytes);
  await openCodec(await places.module('png'));
  return decode(bytes) as unknown as Pixels;
};

const critical = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);

/** PNG 3, 5.3 and 5.4: throws for a file that ends early, and for a chunk of pixels or colours that is not whole. */
function checkChunks(bytes: Uint8Array<ArrayBuffer>): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 8 + view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (end + 4 > bytes.length) break;
    if (critical.has(type) && crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end))
      throw new Error(`the checksum of its chunk ${type} does not fit`);
    if (type === 'IEND') return;
    at = end + 4;
  }
  throw new Error('it ends in the middle');
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** ISO 3309, as PNG 3, annex D. */
function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = (crcTable[(c ^ byte) & 255] as number) ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}
