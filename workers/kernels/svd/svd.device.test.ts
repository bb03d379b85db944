import { expect, inject, it } from 'vitest';
import { crc32 } from './testing/crc32.ts';
import { openSimd } from './simd.ts';
import { thinSvd } from './svd.ts';
import { inputs } from './testing/inputs.ts';

it(`runs in vectors and gives the same bytes in Node and in the browser (${inject('device')})`, () => {
  const { u, s, vt } = thinSvd(inputs['task']!(120, 90), 120, 90);
  const bytesOf = (array: Float32Array): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  // The figures of svd.test.ts, which Node's plain arithmetic gives.
  expect([u, s, vt].map((array) => crc32(bytesOf(array)))).toEqual([848960395, 467378305, 1928193862]);
  expect(openSimd(0)?.kind).toBe('simd');
});
