import { expect, inject, it } from 'vitest';
import { openSimd } from './arithmetic/simd.ts';
import { kernelVersion, kernelVersionOf, thinSvd } from './svd.ts';
import { bytesGivenBy, knownBytes } from './testing/bytes.ts';
import { bestBuild } from './arithmetic/wasm-build.ts';

it(`runs in vectors and gives the same bytes in Node and in the browser (${inject('device')})`, () => {
  expect(bytesGivenBy(thinSvd)).toEqual(knownBytes[kernelVersion]);
  expect(kernelVersion).toBe(kernelVersionOf(bestBuild()));
  expect(openSimd(0)?.kind).toBe(bestBuild());
  expect(['simd', 'fused']).toContain(bestBuild());
});
