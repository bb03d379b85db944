/**
 * Arithmetic in WebAssembly with 128-bit vectors (sources in wasm/), in two builds. The `simd` one rounds
 * every product and every sum, and gives bit for bit what plain.ts gives. The `fused` one has multiply-adds
 * that round once, where the engine knows relaxed SIMD and the processor fuses (wasm-build.ts): faster on most
 * processors, as accurate, and its last bits differ, but they are the same on all such machines, for a fused
 * multiply-add is an operation of IEEE 754 too. kernelVersion (svd.ts) says which of the two sets of bits
 * this machine gives.
 *
 * One instance, whose memory is kept for the next decomposition: it grows when more is needed, before a
 * decomposition starts and never during one, because growing invalidates every array in it. WebAssembly
 * memory does not shrink; `releaseSimd` drops it whole.
 */
import type { Arithmetic } from './arithmetic.ts';
import { firstAddress, SimdArithmetic } from './simd-arithmetic.ts';
import { bestBuild, type Build, type Instance, instantiate } from './wasm-build.ts';

const PAGE = 2 ** 16;

let kept: { readonly build: Build; readonly instance: Instance } | undefined;

/**
 * Arithmetic with room for `bytes` of arrays, empty; null where there are no 128-bit vectors. What an earlier
 * call returned must no longer be used. Throws RangeError when the memory cannot be had. `build` is for
 * tests.
 */
export function openSimd(bytes: number, build: Build | null = bestBuild()): Arithmetic | null {
  if (!build) return null;
  if (kept?.build !== build) kept = { build, instance: instantiate(build) };
  const { memory, run } = kept.instance;
  const end = firstAddress(run) + bytes;
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  return new SimdArithmetic(build, memory.buffer, run, end);
}

/** Gives the memory back. The next decomposition takes new memory. */
export function releaseSimd(): void {
  kept = undefined;
}

/** What is held now. */
export function simdMemoryBytes(): number {
  return kept?.instance.memory.buffer.byteLength ?? 0;
}
