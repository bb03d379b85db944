import { describe, expect, test } from 'vitest';
import { WorkEstimate } from './work-estimate.ts';

describe('an estimate of work', () => {
  test('is not made before something was computed', () => {
    const estimate = new WorkEstimate([100, 100, 100], 1);
    expect(estimate.leftMs).toBeNull();
    estimate.spared(100);
    expect(estimate.leftMs).toBeNull();
    estimate.computed(100, 7);
    expect(estimate.leftMs).toBe(7);
  });

  test('shares what is left among the workers, as far as there is something for each', () => {
    const estimate = new WorkEstimate([100, 100, 100, 100, 50], 2);
    estimate.computed(100, 10);
    expect(estimate.leftMs).toBe(((350 / 100) * 10) / 2);
    estimate.computed(100, 20);
    estimate.computed(100, 30);
    expect(estimate.leftMs).toBe(((150 / 300) * 60) / 2);
    estimate.computed(100, 20);
    expect(estimate.leftMs).toBe((50 / 400) * 80);
  });

  test('does not go by small matrices while large ones are left', () => {
    const estimate = new WorkEstimate([1, 1, 1, 100, 100], 1);
    estimate.computed(1, 50);
    expect(estimate.leftMs).toBeNull();
    estimate.computed(100, 200);
    expect(estimate.leftMs).toBe(102 * 2);
    estimate.spared(100);
    estimate.computed(1, 4);
    expect(estimate.leftMs).toBe(204 / 101);
  });

  test('is zero when nothing is left', () => {
    const estimate = new WorkEstimate([3], 4);
    estimate.spared(3);
    expect(estimate.leftMs).toBe(0);
  });
});
