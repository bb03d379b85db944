import { encode as encodePng } from 'fast-png';
import fc from 'fast-check';
import { encode as encodeJpeg } from 'jpeg-js';
import { expect, test } from 'vitest';
import { readImageHeader, checkSize } from './image-header.ts';

const own = (bytes: ArrayLike<number>) => Uint8Array.from(bytes);
const png = own(encodePng({ width: 7, height: 3, data: new Uint8Array(21), channels: 1 }));
const jpeg = own(encodeJpeg({ width: 9, height: 5, data: new Uint8Array(4 * 45).fill(90) }, 80).data);
const text = (words: string) => [...words].map((letter) => letter.charCodeAt(0));

test('sizes of PNG and JPEG as encoders write them, a JPEG with an EXIF segment before its frame', () => {
  expect(readImageHeader(png)).toEqual({ format: 'PNG', width: 7, height: 3 });
  expect(readImageHeader(jpeg)).toEqual({ format: 'JPEG', width: 9, height: 5 });
  const exif = [0xff, 0xe1, 0x01, 0x02, ...new Array<number>(256).fill(0xff)];
  expect(readImageHeader(own([...jpeg.slice(0, 2), ...exif, 0xff, ...jpeg.slice(2)]))).toEqual({
    format: 'JPEG',
    width: 9,
    height: 5,
  });
});

/**
 * Heads that Pillow 13 wrote for images of 300 × 200: `Image.new('RGB', (300, 200)).save(f, 'WEBP',
 * lossless=True)` and so on; the last is RGBA.
 */
test.each([
  ['GIF', [...text('GIF87a'), 44, 1, 200, 0, 0x81, 0]],
  [
    'BMP',
    [
      ...text('BM'),
      0x56,
      0xbf,
      2,
      0,
      0,
      0,
      0,
      0,
      54,
      0,
      0,
      0,
      40,
      0,
      0,
      0,
      44,
      1,
      0,
      0,
      200,
      0,
      0,
      0,
      1,
      0,
      24,
      0,
    ],
  ],
  [
    'WebP',
    [
      ...text('RIFF'),
      0xa6,
      0,
      0,
      0,
      ...text('WEBPVP8 '),
      0x9a,
      0,
      0,
      0,
      0x70,
      0x10,
      0,
      0x9d,
      1,
      0x2a,
      0x2c,
      1,
      0xc8,
      0,
      0x3e,
      0x6d,
    ],
  ],
  [
    'WebP',
    [...text('RIFF'), 0x22, 0, 0, 0, ...text('WEBPVP8L'), 0x16, 0, 0, 0, 0x2f, 0x2b, 0xc1, 0x31, 0, 7, 0x10],
  ],
  [
    'WebP',
    [
      ...text('RIFF'),
      0xd6,
      0,
      0,
      0,
      ...text('WEBPVP8X'),
      10,
      0,
      0,
      0,
      0x10,
      0,
      0,
      0,
      0x2b,
      1,
      0,
      0xc7,
      0,
      0,
      0,
      0,
    ],
  ],
] as const)('size of a %s', (format, bytes) => {
  expect(readImageHeader(own(bytes))).toEqual({ format, width: 300, height: 200 });
});

test('what is none of them, or cut short, has none; nothing makes it throw or go on for ever', () => {
  expect(readImageHeader(own(text('<svg xmlns="http://www.w3.org/2000/svg"/>')))).toBeNull();
  for (const file of [png, jpeg])
    for (const length of [0, 1, 8, 20]) expect(readImageHeader(file.slice(0, length))).toBeNull();
  const start = fc.constantFrom(
    ...[png, jpeg, own(text('RIFF0000WEBPVP8 ')), own(text('GIF89a')), own(text('BM'))].map((file) =>
      file.slice(0, 16),
    ),
  );
  fc.assert(
    fc.property(
      start,
      fc.uint8Array({ maxLength: 64 }),
      (head, tail) => void readImageHeader(own([...head, ...tail])),
    ),
  );
});

test('an image of more than 67 million pixels is refused by its header, with its size and what to do', () => {
  const header = { format: 'PNG', width: 2 ** 13, height: 2 ** 13 } as const;
  expect(() => checkSize(header, 'a.png')).not.toThrow();
  expect(() => checkSize({ ...header, width: 2 ** 13 + 1 }, 'a.png')).toThrow(
    /^a\.png: has 8193 × 8192 pixels, more than can be decoded .*: make it smaller/,
  );
});
