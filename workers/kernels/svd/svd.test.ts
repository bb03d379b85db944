import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { StudioError } from '../../../core/errors.ts';
import { crc32 } from './testing/crc32.ts';
import { svdWorkingBytes } from './memory.ts';
import { kernelVersionOf, svdFlops, thinSvd, thinSvdOn } from './svd.ts';
import { arithmetics } from './testing/arithmetics.node.ts';
import { inputs } from './testing/inputs.ts';
import { bytesGivenBy, knownBytes } from './testing/bytes.ts';
import { svdErrors } from './testing/measure.ts';
import { fuses, instantiate } from './arithmetic/wasm-build.ts';

interface Reference {
  readonly made_by: { readonly numpy: string; readonly lapack: string };
  readonly decompositions: readonly {
    readonly kind: string;
    readonly rows: number;
    readonly cols: number;
    readonly crc32: number;
    readonly s: readonly number[];
    readonly u?: readonly number[];
    readonly vt?: readonly number[];
  }[];
}

const reference = JSON.parse(
  readFileSync(new URL('../../../zoo/reference/svd/expected.json', import.meta.url), 'utf8'),
) as Reference;
const bytesOf = (array: Float32Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

describe.each(arithmetics)('$kind arithmetic', ({ open }) => {
  describe(`thinSvd against numpy ${reference.made_by.numpy} (${reference.made_by.lapack})`, () => {
    it.each(reference.decompositions)(
      '$kind, $rows × $cols',
      ({ kind, rows, cols, crc32: inputCrc, s: expected, u, vt }) => {
        const a = inputs[kind]!(rows, cols);
        expect(crc32(bytesOf(a)), 'both sides must decompose the same matrix').toBe(inputCrc);
        const result = thinSvdOn(open(svdWorkingBytes(rows, cols)), a, rows, cols);
        const r = Math.min(rows, cols);
        expect([result.u.length, result.s.length, result.vt.length]).toEqual([rows * r, r, r * cols]);

        const errors = svdErrors(a, rows, cols, result);
        expect(errors.reconstruction).toBeLessThanOrEqual(1e-7);
        expect(errors.uFromOrthonormal).toBeLessThanOrEqual(1e-6);
        expect(errors.vFromOrthonormal).toBeLessThanOrEqual(1e-6);

        const strongest = expected[0]!;
        let worst = 0;
        for (let i = 0; i < r; i++) {
          const got = result.s[i]!;
          const want = expected[i]!;
          if (i > 0) expect(got).toBeLessThanOrEqual(result.s[i - 1]!);
          expect(got).toBeGreaterThanOrEqual(0);
          if (want > 1e-7 * strongest) worst = Math.max(worst, Math.abs(got - want) / want);
          else expect(got).toBeLessThanOrEqual(1.001e-7 * strongest);
        }
        expect(worst).toBeLessThanOrEqual(1e-6);

        if (u !== undefined) u.forEach((value, i) => expect(result.u[i]).toBeCloseTo(value, 6));
        if (vt !== undefined) vt.forEach((value, i) => expect(result.vt[i]).toBeCloseTo(value, 6));
        for (let column = 0; column < r; column++) {
          let extreme = 0;
          for (let i = 0; i < rows; i++) {
            const value = result.u[i * r + column]!;
            if (Math.abs(value) > Math.abs(extreme)) extreme = value;
          }
          expect(extreme).toBeGreaterThan(0);
        }
      },
    );
  });
});

describe('thinSvd', () => {
  it('resolves singular values down to 2e-9 of the largest, and reports those below as exactly 0', () => {
    // diag(B, 2⁻²⁸ B, 2⁻³⁰ B): all singular values of B three times, the last set under the limit.
    const n = 12;
    const block = inputs['hadamard']!(4, 4);
    const a = new Float32Array(n * n);
    [1, 2 ** -28, 2 ** -30].forEach((scale, q) => {
      for (let i = 0; i < 4; i++)
        for (let j = 0; j < 4; j++) a[(4 * q + i) * n + 4 * q + j] = scale * block[4 * i + j]!;
    });
    const { s } = thinSvd(a, n, n);
    for (let i = 0; i < 4; i++) expect(s[i]! / 2).toBeCloseTo(1, 6);
    for (let i = 4; i < 8; i++) expect(s[i]! / 2 / 2 ** -28).toBeCloseTo(1, 6);
    expect(Array.from(s.subarray(8))).toEqual([0, 0, 0, 0]);
  });

  it('stays orthonormal where singular values are crowded just above the limit of what can be told from zero', () => {
    // A product of rank 8 rounded to float32: about a hundred directions of rounding noise around 1e-9 … 1e-8
    // of the strongest.
    const a = inputs['lora']!(300, 220);
    const errors = svdErrors(a, 300, 220, thinSvd(a, 300, 220));
    expect(errors.uFromOrthonormal).toBeLessThanOrEqual(1e-6);
    expect(errors.vFromOrthonormal).toBeLessThanOrEqual(1e-6);
  });

  it('survives entries from one end of float32 to the other', () => {
    const rows = 64;
    const a = inputs['noise']!(rows, rows).map(
      (value, at) => value * 2 ** (100 - 3.5 * Math.floor(at / rows)),
    );
    const errors = svdErrors(a, rows, rows, thinSvd(a, rows, rows));
    expect(errors.reconstruction).toBeLessThanOrEqual(1e-7);
    expect(errors.uFromOrthonormal).toBeLessThanOrEqual(1e-6);
    expect(errors.vFromOrthonormal).toBeLessThanOrEqual(1e-6);
  });

  it('handles subnormal input', () => {
    const a = Float32Array.of(2 ** -149, 0, 0, 3 * 2 ** -149);
    expect(Array.from(thinSvd(a, 2, 2).s)).toEqual([3 * 2 ** -149, 2 ** -149]);
  });

  // If this fails after a change on purpose, the versions must change too.
  it.each(arithmetics)(
    'gives these very bytes in $kind arithmetic, and they are what its version stands for',
    ({ kind, open }) => {
      const version = kernelVersionOf(kind === 'fused' && fuses(instantiate('fused')) ? 'fused' : null);
      const given = bytesGivenBy((a, rows, cols) =>
        thinSvdOn(open(svdWorkingBytes(rows, cols)), a, rows, cols),
      );
      expect(given).toEqual(knownBytes[version]);
    },
  );

  it('reads its input and leaves it alone', () => {
    const a = inputs['task']!(20, 30);
    const before = a.slice();
    thinSvd(a, 20, 30);
    expect(a).toEqual(before);
  });

  it.each([
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
  ])('names the place of %s', (value, text) => {
    const a = inputs['noise']!(5, 7);
    a[3 * 7 + 2] = value;
    expect(thrownBy(() => thinSvd(a, 5, 7))).toMatchObject({
      code: 'bad-file',
      details: { row: 3, column: 2, value: text },
    });
  });

  it('refuses a singular value that float32 cannot hold', () => {
    expect(thrownBy(() => thinSvd(new Float32Array(16).fill(3e38), 4, 4))).toMatchObject({
      code: 'bad-file',
    });
  });

  it.each([
    [2, 3, 5],
    [0, 3, 0],
    [-1, -5, 5],
    [1.5, 2, 3],
    [NaN, 1, 1],
  ])('refuses a shape of %d × %d for %d values', (rows, cols, length) => {
    expect(thrownBy(() => thinSvd(new Float32Array(length), rows, cols))).toMatchObject({
      code: 'bad-request',
    });
  });

  it('counts the same work for a matrix and its transpose', () => {
    expect(svdFlops(576, 1536)).toBe(svdFlops(1536, 576));
    // 3·2²·4 + (4/3 + 4/3 + 2)·2³
    expect(svdFlops(2, 4)).toBeCloseTo(48 + 112 / 3, 9);
  });
});

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(StudioError);
    return error;
  }
  return expect.fail('nothing was thrown');
}
