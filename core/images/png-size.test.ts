import { readFileSync, readdirSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { pngDataBytes } from './png-size.ts';

const corpus = 'zoo/reference/images/files';
const names = readdirSync(corpus).filter((name) => name.endsWith('.png'));

/** What zlib makes of the contents of its IDAT chunks. */
function inflatedBytes(file: Buffer): number {
  const data: Buffer[] = [];
  for (let at = 8; at + 12 <= file.length; at += 12 + file.readUInt32BE(at))
    if (file.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
  return inflateSync(Buffer.concat(data)).length;
}

test.each(names)('%s takes as many bytes as its pixels inflate to', (name) => {
  const file = readFileSync(`${corpus}/${name}`);
  expect(pngDataBytes(file)).toBe(inflatedBytes(file));
});

test('the corpus has every colour type, and interlaced ones', () => {
  const types = names.map((name) => readFileSync(`${corpus}/${name}`));
  expect(new Set(types.map((file) => file[25]))).toEqual(new Set([0, 2, 3, 4, 6]));
  expect(types.some((file) => file[28] === 1)).toBe(true);
});
