import { describe, expect, it } from 'vitest';
import { decodeFactors, decodeHead, encodeFactors, entrySize } from './cache.ts';
import { xxh32 } from './checksum.ts';
import type { ThinSvd } from './contract.ts';
import { kernelVersion, thinSvd } from './svd.ts';
import { crc32 } from './testing/crc32.ts';
import { inputs } from './testing/inputs.ts';

const identity = { rows: 9, cols: 6, kernelVersion };
const factors = thinSvd(inputs['noise']!(9, 6), 9, 6);
const joined = (made: ThinSvd): Uint8Array<ArrayBuffer> => {
  const parts = encodeFactors(made, identity);
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  return bytes;
};
const entry = joined(factors);
const { headBytes, entryBytes } = entrySize(identity);

describe('cached factors', () => {
  it('come back bit for bit', () => {
    expect(decodeFactors(entry, identity)).toEqual(factors);
  });

  it('come back from a view that is not aligned', () => {
    const shifted = new Uint8Array(entry.length + 3);
    shifted.set(entry, 3);
    expect(decodeFactors(shifted.subarray(3), identity)).toEqual(factors);
  });

  it('are as long as was said, and so is their head', () => {
    expect(entry.length).toBe(entryBytes);
    expect(decodeHead(entry.subarray(0, headBytes), entryBytes, identity)).toEqual(factors.s);
    expect(decodeHead(entry, entryBytes, identity)).toEqual(factors.s);
    expect(decodeHead(entry.subarray(0, headBytes - 1), entryBytes, identity)).toBeNull();
  });

  it('have a head that is refused when the rest is not all there', () => {
    expect(decodeHead(entry, entryBytes - 1, identity)).toBeNull();
  });

  it('have a head that is refused after a change of any of its bytes', () => {
    for (let at = 0; at < headBytes; at++) {
      const damaged = entry.slice(0, headBytes);
      damaged[at]! ^= 0x10;
      expect(decodeHead(damaged, entryBytes, identity), `byte ${at}`).toBeNull();
    }
  });

  it('are refused after a change of any one byte', () => {
    for (let at = 0; at < entry.length; at++) {
      const damaged = entry.slice();
      damaged[at]! ^= 0x10;
      expect(decodeFactors(damaged, identity), `byte ${at}`).toBeNull();
    }
  });

  it('are refused when cut short, too long or empty', () => {
    for (let length = 0; length < entry.length; length++)
      expect(decodeFactors(entry.subarray(0, length), identity)).toBeNull();
    const longer = new Uint8Array(entry.length + 4);
    longer.set(entry);
    expect(decodeFactors(longer, identity)).toBeNull();
  });

  it.each([
    { ...identity, kernelVersion: `${kernelVersion}x` },
    { ...identity, kernelVersion: `${kernelVersion.slice(0, -1)}_` },
    { ...identity, rows: 6, cols: 9 },
    { ...identity, rows: 10 },
  ])('are refused for another matrix or kernel: %o', (other) => {
    expect(decodeFactors(entry, other)).toBeNull();
  });

  it('are refused when singular values are out of order or not numbers, whatever the checksum says', () => {
    for (const s of [factors.s.slice().reverse(), factors.s.map((v) => -v), factors.s.slice().fill(NaN)]) {
      expect(decodeFactors(joined({ ...factors, s }), identity)).toBeNull();
    }
  });
});

describe('xxh32', () => {
  // python-xxhash 4.1.0 (xxHash 0.8.4): XXH32 of these bytes, in 32-bit words as little-endian machines hold
  // them.
  const words = (text: string): Uint32Array => new Uint32Array(new TextEncoder().encode(text).buffer);
  it.each([
    ['', 0, 0x02cc5d05],
    ['', 1, 0x0b2cb792],
    ['abcd', 0, 0xa3643705],
    ['abcdefghijklmnopqrstuvwxyz012345', 0, 0x353145a3],
    ['abcdefghijklmnopqrstuvwxyz0123456789', 7, 0xaff4d689],
  ])('of %o with seed %i', (text, seed, expected) => {
    expect(xxh32(words(text), seed)).toBe(expected);
  });
});

describe('crc32', () => {
  it('gives the check value of ISO 3309', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });
});
