import { encode as encodePng } from 'fast-png';
import { encode as encodeJpeg } from 'jpeg-js';
import { expect, test } from 'vitest';
import { decodeImage } from './decode-image.ts';

const own = (bytes: Uint8Array) => new Uint8Array(bytes);

test.each([
  ['grey', 1, 8, [7, 200], [7, 7, 7, 255, 200, 200, 200, 255]],
  ['grey and alpha', 2, 8, [7, 9, 200, 0], [7, 7, 7, 9, 200, 200, 200, 0]],
  ['RGB', 3, 8, [1, 2, 3, 4, 5, 6], [1, 2, 3, 255, 4, 5, 6, 255]],
  ['RGBA', 4, 8, [1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 7, 8]],
  ['16-bit grey', 1, 16, [257 * 7, 65535], [7, 7, 7, 255, 255, 255, 255, 255]],
] as const)('PNG, %s', async (_, channels, depth, data, expected) => {
  const values = depth === 16 ? Uint16Array.from(data) : Uint8Array.from(data);
  expect([
    ...(await decodeImage(own(encodePng({ width: 2, height: 1, data: values, channels, depth })), 'a.png'))
      .data,
  ]).toEqual(expected);
});

test('JPEG, and what is neither, cut short or enormous', async () => {
  const pixels = new Uint8Array(4 * 64).fill(128);
  const file = own(encodeJpeg({ width: 8, height: 8, data: pixels }, 95).data);
  const { data } = await decodeImage(file, 'a.jpg');
  expect(data.every((value, i) => Math.abs(value - (i % 4 === 3 ? 255 : 128)) <= 2)).toBe(true);
  await expect(decodeImage(Uint8Array.of(71, 73, 70), 'a.gif')).rejects.toThrow(/neither PNG nor JPEG/);
  await expect(decodeImage(file.slice(0, 40), 'a.jpg')).rejects.toThrow(/a\.jpg: could not be decoded/);
  const png = own(encodePng({ width: 1, height: 1, data: Uint8Array.of(1), channels: 1 }));
  new DataView(png.buffer).setUint32(16, 2 ** 31 - 1);
  await expect(decodeImage(png, 'a.png')).rejects.toThrow(/33 million/);
  await expect(decodeImage(png.slice(0, 20), 'a.png')).rejects.toThrow(/cut short/);
});
