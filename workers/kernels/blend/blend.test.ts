import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blendModulePath, buildBlendModule } from '../../../scripts/build-blend-wasm.mjs';
import { plainBlend } from './plain.ts';
import { openSimdBlend } from './simd.ts';

const simd = openSimdBlend();

test('the embedded module is what the AssemblyScript sources compile to: otherwise run `npm run build:wasm`', async () => {
  expect(readFileSync(blendModulePath, 'utf8').replaceAll('\r\n', '\n')).toBe(await buildBlendModule());
});

test('in vectors gives the bits of the plain loops for any stored values, infinities and NaN among them', () => {
  const value = fc.oneof(
    fc.integer({ min: 0, max: 0xffff }),
    fc.constantFrom(0x7f7f, 0xff7f, 0x7f80, 0xff80, 0x7fc0, 0x0001, 0x8000, 0x3f80),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(value, value, value), { maxLength: 40 }),
      fc.oneof(fc.constantFrom(0, 1, 0.5, -1), fc.double({ noNaN: true })),
      (rows, lambda) => {
        const [w, a, b] = ([0, 1, 2] as const).map((i) => Uint16Array.from(rows, (row) => row[i])) as [
          Uint16Array,
          Uint16Array,
          Uint16Array,
        ];
        expect(simd?.(w, a, b, lambda)).toEqual(plainBlend(w, a, b, lambda));
      },
    ),
    { numRuns: 2000 },
  );
});

test('every rounding of every exponent, over more than one block', () => {
  const count = 2 ** 17 + 3;
  const w = Uint16Array.from({ length: count }, (_, i) => i % 0x7f00);
  const a = Uint16Array.from({ length: count }, (_, i) => (i * 7919) % 0x7e00);
  const b = Uint16Array.from({ length: count }, (_, i) => 0x8000 + ((i * 104729) % 0x7e00));
  const expected = plainBlend(w, a, b, 0.37);
  expect(expected).not.toBeNull();
  expect(simd?.(w, a, b, 0.37)).toEqual(expected);
});

test('what cannot be stored is noticed wherever it is', () => {
  for (const at of [0, 7, 8, 2 ** 15, 2 ** 15 + 5]) {
    const w = new Uint16Array(2 ** 15 + 6).fill(0x3f80);
    w[at] = 0x7fff;
    expect([
      simd?.(w, w, new Uint16Array(w.length), 1),
      plainBlend(w, w, new Uint16Array(w.length), 1),
    ]).toEqual([null, null]);
  }
});
