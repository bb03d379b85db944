import { readFileSync } from 'node:fs';
import { encode } from 'fast-png';
import { expect, test } from 'vitest';
import { openSheet } from './sheet.ts';

/** Two tiles of 2 × 2 in a row; the red channel counts the pixels. */
const png = (channels: 1 | 3 | 4) =>
  encode({
    width: 4,
    height: 2,
    channels,
    depth: 8,
    data: Uint8Array.from({ length: 8 * channels }, (_, i) =>
      i % channels === 0 ? i / channels : 100 + (i % channels),
    ),
  });
const geometry = { tile: 2, columns: 2, count: 2 };

test('cuts tiles and fills what the image lacks', () => {
  const { data, width } = openSheet(png(3), geometry, 'a.png').tile(1);
  expect(width).toBe(2);
  expect([...data]).toEqual([2, 101, 102, 255, 3, 101, 102, 255, 6, 101, 102, 255, 7, 101, 102, 255]);
  expect([...openSheet(png(1), geometry, 'a.png').tile(0).data.slice(4, 8)]).toEqual([1, 1, 1, 255]);
  expect([...openSheet(png(4), geometry, 'a.png').tile(0).data.slice(4, 8)]).toEqual([1, 101, 102, 103]);
});

test('refuses a transparent colour, which a sheet would lose in silence', () => {
  const sheet = new Uint8Array(readFileSync('zoo/reference/images/files/rgb-8-trns.png'));
  expect(() => openSheet(sheet, geometry, 'a.png')).toThrow(/without a palette or a transparent colour/);
});

test.each([
  [
    'larger tiles that are fewer',
    { tile: 2, columns: 1, count: 1 },
    /4 × 2 pixels, and 1 tiles of 2 pixels in 1 columns make a sheet of 2 × 2/,
  ],
  ['smaller tiles', { tile: 1, columns: 2, count: 4 }, /make a sheet of 2 × 2/],
  ['more columns', { tile: 2, columns: 3, count: 2 }, /make a sheet of 6 × 2/],
  ['more tiles', { tile: 2, columns: 2, count: 5 }, /make a sheet of 4 × 6/],
])('refuses a sheet that was drawn otherwise: %s', (_, shape, message) => {
  expect(() => openSheet(png(3), shape, 'a.png')).toThrow(
    expect.objectContaining({ code: 'bad-file', message: expect.stringMatching(message) }),
  );
});

test('a last row may lack tiles, and rows without any may follow', () => {
  const tall = encode({ width: 4, height: 6, channels: 1, depth: 8, data: new Uint8Array(24).fill(7) });
  expect(openSheet(tall, { tile: 2, columns: 2, count: 3 }, 'a.png').tile(2).data[0]).toBe(7);
  const cut = encode({ width: 4, height: 5, channels: 1, depth: 8, data: new Uint8Array(20) });
  expect(() => openSheet(cut, { tile: 2, columns: 2, count: 3 }, 'a.png')).toThrow(/4 × 5 pixels/);
});

test.each([
  ['no PNG', () => new Uint8Array(100), geometry],
  ['a cut-off PNG', () => png(3).slice(0, 40), geometry],
  ['too few pixels', () => png(3), { tile: 2, columns: 2, count: 3 }],
  [
    'a giant in its header',
    () => {
      const bytes = png(3).slice();
      new DataView(bytes.buffer).setUint32(16, 0x7fffffff);
      return bytes;
    },
    geometry,
  ],
])('refuses %s', (_, bytes, shape) => {
  expect(() => openSheet(bytes(), shape, 'bad.png')).toThrow(
    expect.objectContaining({ code: 'bad-file', message: expect.stringContaining('bad.png') }),
  );
});

test('refuses another format under the name of PNG, by what it is', () => {
  const jpeg = new Uint8Array(readFileSync('zoo/reference/images/files/grey.jpg'));
  expect(() => openSheet(jpeg, geometry, 'a.png')).toThrow(/a\.png: is a JPEG image and no PNG/);
  expect(() => openSheet(new Uint8Array(40), geometry, 'a.png')).toThrow(/is no image and no PNG/);
});
