import { expect, inject, it } from 'vitest';
import { crc32 } from './cache.ts';
import { openSimd } from './simd.ts';
import { kernelVersion, kernelVersionOf, thinSvd } from './svd.ts';
import { taskBytes } from './testing/bytes.ts';
import { inputs } from './testing/inputs.ts';
import { bestBuild } from './wasmBuild.ts';

it(`runs in vectors and gives the same bytes in Node and in the browser (${inject('device')})`, () => {
  const { u, s, vt } = thinSvd(inputs['task']!(120, 90), 120, 90);
  const bytesOf = (array: Float32Array): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  expect([u, s, vt].map((array) => crc32(bytesOf(array)))).toEqual(taskBytes[kernelVersion]);
  expect(kernelVersion).toBe(kernelVersionOf(bestBuild()));
  expect(openSimd(0)?.kind).toBe(bestBuild());
  expect(['simd', 'fused']).toContain(bestBuild());
});
