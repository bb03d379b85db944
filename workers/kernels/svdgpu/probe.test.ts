import { describe, expect, it } from 'vitest';
import { thinSvd } from '../svd/svd.ts';
import { inputs, integers } from '../svd/testing/inputs.ts';
import { rowsFromOrthonormal, svdErrors } from '../svd/testing/measure.ts';
import { probe } from './probe.ts';

describe('probe', () => {
  it.each([
    ['task', 40, 90],
    ['task', 90, 40],
    ['noise', 60, 60],
  ])('tells the size of errors without forming them: %s, %d × %d', (kind, rows, cols) => {
    const a = inputs[kind]!(rows, cols);
    const svd = thinSvd(a, rows, cols);
    const exact = svdErrors(a, rows, cols, svd).reconstruction;
    const found = probe(a, rows, cols, svd, 1e-7);
    expect(found.reconstruction / exact).toBeGreaterThan(0.5);
    expect(found.reconstruction / exact).toBeLessThan(2);
    expect(found.fromOrthonormal).toBeLessThan(2e-8);

    // One part in 10⁵ of the largest values, which no sum along a direction can lose.
    const off = svd.s.map((value) => value * (1 + 1e-5));
    const large = probe(a, rows, cols, { ...svd, s: off }, 1e-7).reconstruction / 1e-5;
    expect(large).toBeGreaterThan(0.5);
    expect(large).toBeLessThan(2);
  });

  it('sees one weak row that is not orthogonal, which the product does not show', () => {
    const [rows, cols] = [40, 90];
    const a = inputs['task']!(rows, cols);
    const { u, s, vt } = thinSvd(a, rows, cols);
    const weakest = (rows - 1) * cols;
    for (let j = 0; j < cols; j++) vt[weakest + j]! += 1e-4 * vt[j]!;
    expect(rowsFromOrthonormal(vt, rows, cols)).toBeGreaterThan(9e-5);
    expect(probe(a, rows, cols, { u, s, vt }, 1e-7).fromOrthonormal).toBeGreaterThan(1e-6);
  });

  it('looks along more directions where the first ones are suspect', () => {
    // One strong subspace, so that single directions say little.
    const [rows, cols] = [60, 150];
    const a = Float32Array.from(integers(9, 16, rows * cols), (value) => Math.abs(value / 2 ** 15));
    const svd = thinSvd(a, rows, cols);
    const hasty = probe(a, rows, cols, svd, Infinity).reconstruction;
    const patient = probe(a, rows, cols, svd, hasty / 2).reconstruction;
    expect(patient).not.toBe(hasty);
    const exact = svdErrors(a, rows, cols, svd).reconstruction;
    expect(patient / exact).toBeGreaterThan(0.6);
    expect(patient / exact).toBeLessThan(1.5);
  });

  it('does not take NaN for an answer', () => {
    const a = inputs['noise']!(20, 30);
    const svd = thinSvd(a, 20, 30);
    svd.vt[7] = NaN;
    expect(probe(a, 20, 30, svd, 1e-7)).toEqual({ reconstruction: NaN, fromOrthonormal: NaN });
  });
});
