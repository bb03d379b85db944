import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { buildWasmModule, wasmModulePath } from '../../../../scripts/build-wasm.mjs';
import { StudioError } from '../../../../core/errors.ts';
import { checkSvdMemory, maxSvdBytes, svdPeakBytes, svdWorkingBytes } from '../memory.ts';
import { plain } from './plain.ts';
import { releaseSimd, simdMemoryBytes } from './simd.ts';
import { thinSvd, thinSvdOn } from '../svd.ts';
import { placed, simd } from '../testing/arithmetics.node.ts';
import { inputs, integers } from '../testing/inputs.ts';
import { fuses, instantiate } from './wasm-build.ts';

describe('the embedded modules', () => {
  it('are what the AssemblyScript sources compile to: otherwise run `npm run build:wasm`', async () => {
    expect(readFileSync(wasmModulePath, 'utf8').replaceAll('\r\n', '\n')).toBe(await buildWasmModule());
  });
});

describe('simd arithmetic', () => {
  // Full rank, several passes over weak rows, rows to complete, and edges that no multiple of a tile or
  // vector divides.
  it.each([
    ['task', 352, 128],
    ['noise', 131, 301],
    ['noise', 205, 99],
    ['graded', 97, 97],
    ['cliff', 90, 141],
    ['lora', 141, 90],
    ['repeated_rows', 34, 51],
    ['zero', 9, 5],
    ['noise', 1, 3],
    ['noise', 2, 1],
  ])('gives the bytes of the plain reference: %s %d × %d', (kind, rows, cols) => {
    const a = inputs[kind]!(rows, cols);
    const vectors = thinSvdOn(simd(svdWorkingBytes(rows, cols)), a, rows, cols);
    const reference = thinSvdOn(plain, a, rows, cols);
    for (const part of ['u', 's', 'vt'] as const) {
      expect(Buffer.from(vectors[part].buffer).equals(Buffer.from(reference[part].buffer)), part).toBe(true);
    }
  });

  it.each([0, 1, 2, 3, 7, 8, 9, 16, 61])('gives the bits of the plain operations at length %d', (n) => {
    const run = (on: typeof plain): number[] => {
      const x = placed(
        on,
        integers(1, 30, n + 1).map((v) => v / 7),
      );
      const y = placed(
        on,
        integers(2, 30, n + 1).map((v) => v / 3),
      );
      const z = placed(
        on,
        integers(3, 30, n + 1).map((v) => v / 11),
      );
      const s = placed(
        on,
        integers(4, 30, n * (n + 2)).map((v) => v / 13),
      );
      const work = placed(on, [...x, ...new Float64Array(n)]);
      const product = on.dot(n, x, 1, y, 0);
      on.axpy(n, 0.3, x, 1, y, 0);
      on.symmetricTimesVector(n, s, 0, n + 2, work, 0, n + 1);
      on.rowsTimesVector(n >> 1, n, s, 1, n + 1, z, 0, x, 0);
      on.addRows(n >> 1, n, z, 0, s, 2, n + 1, y, 0);
      return [product, ...x, ...y, ...z, ...work];
    };
    expect(run(simd())).toEqual(run(plain));
  });

  it('does not touch memory outside its arrays', () => {
    const on = simd();
    const x = on.float64(8);
    expect(() => on.dot(8, x, 1, x, 0)).toThrow(StudioError);
    expect(() => on.axpy(4, 1, x, 0, x, -1)).toThrow(StudioError);
    expect(() => on.dot(8, x, 0, new Float64Array(8), 0)).toThrow('not in the memory');
    const view = { data: x, offset: 0, rowStride: 4, colStride: 1 };
    expect(() => on.gemm(2, 4, 4, view, view, { data: x, offset: 0, rowStride: 4 })).toThrow(StudioError);
    expect(() => on.rowsTimesVector(2, 4, x, 1, 4, x, 0, x, 0)).toThrow(StudioError);
    expect(() => on.addRows(3, 2, x, 0, x, 0, 4, x, 0)).toThrow(StudioError);
    expect(() => on.rankOneEigen(3, x, x, 1, on.int32([0, 1, 2]), x, x, x)).toThrow(StudioError);
    expect(() => on.gemmSingle(2, 2, 2, view, view, 1, { data: x, offset: 0, rowStride: 2 })).toThrow(
      'float32',
    );
    expect(() => on.scaleToFloat32(2, 4, x, 4, x, on.float32(8), 1, 4, x)).toThrow(StudioError);
    expect(() => on.symmetricTimesVector(3, x, 0, 3, x, 0, 3)).toThrow(StudioError);
  });

  it('frees what a scope allocated, also when it throws, and says when there is no more', () => {
    const on = simd(2 ** 16);
    const first = on.scope(() => on.float64(100).byteOffset);
    expect(() => on.scope(() => on.float64(2 ** 24))).toThrow('more than the');
    expect(on.float64(1).byteOffset).toBe(first);
  });
});

describe('the memory of a decomposition', () => {
  afterEach(releaseSimd);

  it('grows with the matrix, is kept for the next one, and is dropped whole', () => {
    releaseSimd();
    expect(simdMemoryBytes()).toBe(0);
    thinSvd(inputs['noise']!(4, 3), 4, 3);
    const small = simdMemoryBytes();
    thinSvd(inputs['noise']!(300, 200), 300, 200);
    const large = simdMemoryBytes();
    expect(large).toBeGreaterThan(small);
    thinSvd(inputs['noise']!(4, 3), 4, 3);
    expect(simdMemoryBytes()).toBe(large);
    releaseSimd();
    thinSvd(inputs['noise']!(4, 3), 4, 3);
    expect(simdMemoryBytes()).toBe(small);
  });

  it('is stated before it starts: these figures are the sums in memory.ts', () => {
    // 16·2·3 + 20·2·2 + 8·2·512 + 8·(5·2·2 + 256·2) + 2¹⁶ = 78160, and u, s and vt: 4·2·(2 + 3 + 1)
    expect([svdWorkingBytes(2, 3), svdPeakBytes(2, 3)]).toEqual([78160, 78208]);
    expect(svdWorkingBytes(3, 2)).toBe(svdWorkingBytes(2, 3));
  });

  it('is refused with its size where it cannot be addressed, before the matrix is read', () => {
    const rows = 9000;
    const bytes = svdPeakBytes(rows, rows);
    expect(bytes).toBeGreaterThan(maxSvdBytes);
    expect(() => checkSvdMemory(rows, rows)).toThrow(
      expect.objectContaining({ code: 'memory', details: { rows, cols: rows, value: bytes } }),
    );
    expect(() => checkSvdMemory(2048, 11008)).not.toThrow();
  });

  it('is refused with its size where the browser does not give it', () => {
    releaseSimd();
    const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(() => {
      throw new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded');
    });
    try {
      expect(() => thinSvd(new Float32Array(6), 2, 3)).toThrow(expect.objectContaining({ code: 'memory' }));
    } finally {
      grow.mockRestore();
    }
  });
});

describe('the choice of a build', () => {
  it('falls back to the plain reference where vectors do not validate, to the bytes of the simd build', async () => {
    const a = inputs['task']!(40, 30);
    const expected = thinSvdOn(simd(), a, 40, 30);
    const { svd, wasm, simd: kernel } = await importedWhere(() => false);
    expect(wasm.bestBuild()).toBeNull();
    expect(kernel.openSimd(0)).toBeNull();
    expect(svd.kernelVersion).toBe(svd.kernelVersionOf('simd'));
    expect(svd.thinSvd(a, 40, 30)).toEqual(expected);
    expect(kernel.simdMemoryBytes()).toBe(0);
  });

  it('takes the simd build where relaxed SIMD does not validate, and the same version', async () => {
    const validate = WebAssembly.validate.bind(WebAssembly);
    let modules = 0; // the fused build is asked for first
    const { svd, wasm, simd: kernel } = await importedWhere((bytes) => modules++ > 0 && validate(bytes));
    expect(wasm.bestBuild()).toBe('simd');
    expect(kernel.openSimd(0)?.kind).toBe('simd');
    expect(svd.kernelVersion).toBe(svd.kernelVersionOf(null));
  });

  it('takes the fused build only from a processor that fuses, and says so in the version', async () => {
    const { svd, wasm } = await importedWhere(WebAssembly.validate.bind(WebAssembly));
    const fused = fuses(instantiate('fused'));
    expect(wasm.bestBuild()).toBe(fused ? 'fused' : 'simd');
    expect(svd.kernelVersion).toBe(svd.kernelVersionOf(fused ? 'fused' : 'simd'));
    expect(svd.kernelVersionOf('fused')).not.toBe(svd.kernelVersionOf('simd'));
    expect(fuses(instantiate('simd'))).toBe(false);
  });
});

/** The modules as a program finds them whose engine validates what `validate` says. */
async function importedWhere(validate: (bytes: BufferSource) => boolean) {
  const spy = vi.spyOn(WebAssembly, 'validate').mockImplementation(validate);
  vi.resetModules();
  try {
    return {
      svd: await import('../svd.ts'),
      simd: await import('./simd.ts'),
      wasm: await import('./wasm-build.ts'),
    };
  } finally {
    spy.mockRestore();
    vi.resetModules();
  }
}
