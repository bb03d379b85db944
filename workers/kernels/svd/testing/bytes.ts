/**
 * What the kernel gives for two matrices, in Node and in browsers: all of one is summed in float64, most of
 * the other in float32.
 */
import type { ThinSvdFunction } from '../contract.ts';
import { crc32 } from './crc32.ts';
import { inputs } from './inputs.ts';

/** CRC-32 of u, s and vt of each, by version of the kernel. */
export const knownBytes: Readonly<Record<string, readonly number[]>> = {
  'svd-gram64-4': [2360222543, 4075840269, 649831121, 2195949302, 976520832, 3869426153],
  'svd-gram64-4-fma': [2516662907, 4075840269, 1823084695, 2195949302, 2185276577, 3075318000],
};

export function bytesGivenBy(thinSvd: ThinSvdFunction): number[] {
  return [thinSvd(inputs['task']!(120, 90), 120, 90), thinSvd(inputs['noise']!(130, 200), 130, 200)].flatMap(
    ({ u, s, vt }) =>
      [u, s, vt].map((array) => crc32(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))),
  );
}
