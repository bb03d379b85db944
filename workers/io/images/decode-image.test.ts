/** What is no image, not a whole one, or made to do harm: an error that says what to do, and never pixels. */
import { readFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { nodeCodecs } from './codec-places.node.ts';
import { imageDecoder } from './decode-image.ts';

const decode = imageDecoder(nodeCodecs());
const corpus = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(`zoo/reference/images/files/${name}`));
const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...part].map((c) => c.charCodeAt(0)) : part)),
  );
const box = (brand: string, ...others: readonly string[]) =>
  bytes([0, 0, 0, 16 + 4 * others.length], 'ftyp', brand, [0, 0, 0, 0], ...others);

test.each([
  ['photo.heic', box('heic', 'mif1', 'heic'), /HEIC photo.*Export it as JPEG/],
  ['photo.heif', box('mif1', 'mif1', 'heic'), /HEIC photo/],
  ['photo.avif', box('avif', 'mif1'), /AVIF image.*Save it as JPEG or PNG/],
  ['also.avif', box('mif1', 'avif', 'mif1'), /AVIF image/],
  ['film.mp4', box('isom', 'mp42'), /video/],
  ['scan.tif', bytes('II*\0', [8, 0, 0, 0]), /TIFF image or a camera’s raw file.*Save it as PNG/],
  ['scan2.tif', bytes('MM\0*', [0, 0, 0, 8]), /TIFF/],
  ['new.jxl', bytes([0xff, 0x0a, 0]), /JPEG XL/],
  ['old.jp2', bytes([0, 0, 0, 12], 'jP  \r\n', [0x87, 10]), /JPEG 2000/],
  ['layers.psd', bytes('8BPS', [0, 1]), /Photoshop/],
  ['drawing.svg', bytes('<?xml version="1.0"?><svg/>'), /SVG drawing.*size that a model is to see/],
  ['photo.jpg', bytes('<!DOCTYPE html><html>'), /web page, not an image/],
  ['photo.png', bytes('version https://git-lfs.github.com/spec/v1'), /git lfs pull/],
  ['paper.pdf', bytes('%PDF-1.7'), /PDF/],
])('%s is named as what it is', async (name, file, message) => {
  await expect(decode(file, name)).rejects.toMatchObject({ code: 'unsupported', details: { file: name } });
  await expect(decode(file, name)).rejects.toThrow(message);
});

test('what is nothing known is none of the formats that are decoded', async () => {
  for (const file of [bytes('hello'), bytes('BM is how this text begins, and it is none'), bytes([0xff])])
    await expect(decode(file, 'x')).rejects.toMatchObject({
      code: 'bad-file',
      message: 'x: is none of PNG, JPEG, WebP, GIF and BMP. Save the picture in one of these formats.',
    });
});

test.each([
  'rgb-8.png',
  'palette-4-interlaced.png',
  '420.jpg',
  '420-progressive.jpg',
  '420-restart.jpg',
  'grey.jpg',
  'cmyk.jpg',
  'ycck-progressive.jpg',
  'lossy.webp',
  'lossless-alpha.webp',
  'animated.webp',
  'palette.gif',
  'interlaced.gif',
  '8-palette.bmp',
])('%s, cut short anywhere, gives an error and no grey', async (name) => {
  const whole = corpus(name);
  const steps = 40;
  // Behind the last picture of an animation, and behind pixels that are all there, nothing may be missed.
  const last = { 'animated.webp': 0.4, 'lossless-alpha.webp': 0.97, 'lossy.webp': 0.97 }[name] ?? 0.99;
  for (let i = 0; i < steps; i++) {
    const cut = whole.slice(0, Math.floor((i / (steps - 1)) * last * whole.length));
    await expect(decode(cut, name), `${cut.length} of ${whole.length} bytes`).rejects.toMatchObject({
      code: 'bad-file',
    });
  }
});

test('a damaged PNG that could still be unpacked is no image', async () => {
  const file = corpus('rgb-8.png');
  const at = file.length - 20;
  file[at] = (file[at] as number) ^ 1;
  await expect(decode(file, 'a.png')).rejects.toThrow(/a\.png: is damaged.*checksum of its chunk IDAT/);
});

/** One pixel of 16-bit RGB whose red is 0x0a01, with a transparent colour whose red is 0x0a00 + `low`. */
function pixelOf16Bits(low: number): Uint8Array<ArrayBuffer> {
  const four = (value: number): number[] => {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, value);
    return [...new Uint8Array(view.buffer)];
  };
  const chunk = (type: string, data: readonly number[]): number[] => {
    const body = bytes(type, data);
    return [...four(data.length), ...body, ...four(crc32(body))];
  };
  return bytes(
    [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10],
    chunk('IHDR', [0, 0, 0, 1, 0, 0, 0, 1, 16, 2, 0, 0, 0]),
    chunk('tRNS', [10, low, 20, 0, 30, 0]),
    chunk('IDAT', [...deflateSync(Uint8Array.of(0, 10, 1, 20, 0, 30, 0))]),
    chunk('IEND', []),
  );
}

test('a PNG of 16 bits is transparent where all 16 bits are those of tRNS', async () => {
  expect([...(await decode(pixelOf16Bits(1), 'a.png')).data]).toEqual([255, 255, 255, 255]);
  expect([...(await decode(pixelOf16Bits(2), 'a.png')).data]).toEqual([10, 20, 30, 255]);
});

test('sizes that cannot be are refused before anything is decoded', async () => {
  const zero = corpus('rgb-8.png');
  new DataView(zero.buffer).setUint32(16, 0);
  await expect(decode(zero, 'zero.png')).rejects.toThrow(
    /zero\.png: is damaged: its header says 0 × 13 pixels/,
  );
  const huge = corpus('rgb-8.png');
  new DataView(huge.buffer).setUint32(16, 2 ** 31 - 1);
  await expect(decode(huge, 'huge.png')).rejects.toThrow(/more than can be decoded/);
  const frame = corpus('palette.gif');
  const view = new DataView(frame.buffer);
  const at = frame.indexOf(0x2c, 13 + 3 * 2 ** ((view.getUint8(10) & 7) + 1));
  view.setUint16(at + 5, 65_535, true);
  view.setUint16(at + 7, 65_535, true);
  await expect(decode(frame, 'huge.gif')).rejects.toThrow(/65535 × 65535 pixels, more than can be decoded/);
});

test('a JPEG of hundreds of scans of a large picture is refused by its count, and so is one of a thousand', async () => {
  const whole = corpus('420-progressive.jpg');
  const first = whole.findIndex((byte, i) => byte === 0xff && whole[i + 1] === 0xda);
  const sof = whole.findIndex((byte, i) => byte === 0xff && whole[i + 1] === 0xc2);
  const scan = bytes([0xff, 0xda, 0, 8, 1, 1, 0, 1, 1, 0, 0]);
  const many = bytes(
    [...whole.slice(0, first)],
    ...Array.from({ length: 300 }, () => [...scan]),
    [0xff, 0xd9],
  );
  const view = new DataView(many.buffer);
  view.setUint16(sof + 5, 5784);
  view.setUint16(sof + 7, 5792);
  await expect(decode(many, 'many.jpg')).rejects.toThrow(
    /300 scans of 5792 × 5784 pixels, .*Save the picture anew/,
  );
  const scans = Array.from({ length: 1001 }, () => [...scan]);
  const endless = bytes([...whole.slice(0, first)], ...scans, [0xff, 0xd9]);
  await expect(decode(endless, 'endless.jpg')).rejects.toThrow(/1001 scans of 37 × 29 pixels/);
});

test('kinds of JPEG that Pillow and browsers do not all decode are named', async () => {
  const patched = (marker: number, bits = 8) => {
    const file = corpus('444.jpg');
    const sof = file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xc0);
    file[sof + 1] = marker;
    file[sof + 4] = bits;
    return file;
  };
  await expect(decode(patched(0xc3), 'a.jpg')).rejects.toThrow(/lossless or hierarchical JPEG/);
  await expect(decode(patched(0xc9), 'a.jpg')).rejects.toThrow(/arithmetic coding/);
  await expect(decode(patched(0xc1, 12), 'a.jpg')).rejects.toThrow(/12 bits a channel/);
});

test('kinds of BMP that are not decoded are named', async () => {
  const file = corpus('8-palette.bmp');
  file[30] = 1;
  await expect(decode(file, 'a.bmp')).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringMatching(/8 bits a pixel, compression 1.*Save it as PNG/),
  });
});

describe('pixels that inflate to more than the header promises', () => {
  const four = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
  const chunk = (type: string, data: Uint8Array): Uint8Array<ArrayBuffer> => {
    const body = new Uint8Array(4 + data.length);
    body.set([...type].map((letter) => letter.charCodeAt(0)));
    body.set(data, 4);
    const whole = new Uint8Array(8 + body.length);
    whole.set(four(data.length));
    whole.set(body, 4);
    whole.set(four(crc32(body)), 4 + body.length);
    return whole;
  };
  const png = (interlaced: number, ...data: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
    new Uint8Array(
      Buffer.concat([
        Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10),
        chunk('IHDR', Uint8Array.of(...four(3), ...four(2), 8, 2, 0, 0, interlaced)),
        ...data.map((piece) => chunk('IDAT', piece)),
        chunk('IEND', new Uint8Array(0)),
      ]),
    );
  const bomb = deflateSync(new Uint8Array(32 * 2 ** 20));
  test.each([
    ['in one chunk', 0, [bomb]],
    [
      'in many',
      0,
      Array.from({ length: 64 }, (_, i) =>
        bomb.subarray((i * bomb.length) / 64, ((i + 1) * bomb.length) / 64),
      ),
    ],
    ['interlaced', 1, [bomb]],
  ])('are refused before they are inflated, %s', async (_, interlaced, data) => {
    await expect(decode(png(interlaced, ...data), 'bomb.png')).rejects.toThrow(
      /bomb\.png: is damaged.*inflate to more than the (20|22) bytes that its size takes/,
    );
  });

  test('a few bytes behind the last pixel, and behind the end of the stream, are none', async () => {
    const pixels = new Uint8Array(20 + 1000);
    expect((await decode(png(0, deflateSync(pixels)), 'a.png')).width).toBe(3);
    const junk = Buffer.concat([deflateSync(pixels.subarray(0, 20)), new Uint8Array(5000)]);
    expect((await decode(png(0, junk), 'a.png')).width).toBe(3);
  });
});
