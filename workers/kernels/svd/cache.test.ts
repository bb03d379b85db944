import { describe, expect, it } from 'vitest';
import { crc32, decodeFactors, encodeFactors } from './cache.ts';
import { kernelVersion, thinSvd } from './svd.ts';
import { inputs } from './testing/inputs.ts';

const identity = { rows: 9, cols: 6, kernelVersion };
const factors = thinSvd(inputs['noise']!(9, 6), 9, 6);
const entry = encodeFactors(factors, identity);

describe('cached factors', () => {
  it('come back bit for bit', () => {
    expect(decodeFactors(entry, identity)).toEqual(factors);
  });

  it('come back from a view that is not aligned', () => {
    const shifted = new Uint8Array(entry.length + 3);
    shifted.set(entry, 3);
    expect(decodeFactors(shifted.subarray(3), identity)).toEqual(factors);
  });

  it('do not share memory with the entry', () => {
    const copy = entry.slice();
    const decoded = decodeFactors(copy, identity);
    copy.fill(0);
    expect(decoded).toEqual(factors);
  });

  it('are refused after a change of any one byte', () => {
    for (let at = 0; at < entry.length; at++) {
      const damaged = entry.slice();
      damaged[at]! ^= 0x10;
      expect(decodeFactors(damaged, identity), `byte ${at}`).toBeNull();
    }
  });

  it('are refused when cut short, too long or empty', () => {
    for (let length = 0; length < entry.length; length++) expect(decodeFactors(entry.subarray(0, length), identity)).toBeNull();
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
      expect(decodeFactors(encodeFactors({ ...factors, s }, identity), identity)).toBeNull();
    }
  });
});

describe('crc32', () => {
  it('gives the check value of ISO 3309', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });
});
