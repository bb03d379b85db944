import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseForm, flopsPerByte, stepWork, type Form, type LayerShape } from './cost-model.ts';

const square = (size: number, vectors = size, tail = false): LayerShape => ({
  out: size,
  in: size,
  vectors,
  tail,
  packed: false,
});

describe('stepWork', () => {
  it('counts what its formulas say', () => {
    const shape = { out: 30, in: 20, vectors: 5, tail: true, packed: false };
    const [m, n, k, r] = [30, 20, 5, 70];
    const all = 4 * r * m * n;
    expect(stepWork('dense', shape, r).flops).toBe(all + 4 * m * n * k + 2 * r * m * n);
    expect(stepWork('projected', shape, r).flops).toBe(
      all + 2 * m * n * k + 2 * r * k * (m + n) + 2 * r * m * n,
    );
    expect(stepWork('factored', shape, r).flops).toBe(all + 4 * r * k * (m + n) + 2 * r * m * n);
    expect(stepWork('factored', { ...shape, tail: false }, r).flops).toBe(all + 4 * r * k * (m + n));
    // x and Wᵀ, y; dy and W, dx; x and V; its product with Uᵀ; dy and U; its product with Vᵀ.
    const twice = 8 * (r * n + m * n + r * m);
    expect(stepWork('factored', { ...shape, tail: false }, r).bytes).toBe(
      twice + 8 * (r * n + n * k + r * k) + 8 * (r * k + k * m + r * m),
    );
  });

  it('counts a packed W₀ at half where it is multiplied by, and unpacks it where W is made', () => {
    const [wide, packed] = [square(64, 8), { ...square(64, 8), packed: true }];
    const extra = (form: Form, tail: boolean) =>
      stepWork(form, { ...packed, tail }, 10).bytes - stepWork(form, { ...wide, tail }, 10).bytes;
    expect([
      extra('dense', false),
      extra('projected', false),
      extra('factored', false),
      extra('factored', true),
    ]).toEqual([6, 6, -4, 6].map((bytes) => bytes * 64 * 64));
  });
});

describe('chooseForm', () => {
  it('takes W as a matrix for full rank and many rows, as the demo has them', () => {
    for (const [out, width] of [
      [128, 128],
      [352, 128],
      [128, 352],
    ] as const) {
      expect(
        chooseForm({ out, in: width, vectors: 128, tail: false, packed: false }, 757, flopsPerByte.wasm),
      ).toBe('dense');
    }
  });

  it('goes through the factors where few rows meet a large matrix, whatever the rank', () => {
    for (const vectors of [16, 576])
      expect(
        chooseForm({ out: 576, in: 1536, vectors, tail: false, packed: false }, 40, flopsPerByte.wasm),
      ).toBe('factored');
  });

  it('spares dW for a small budget, and keeps it for a large one', () => {
    expect(chooseForm(square(576, 32), 2000, flopsPerByte.wasm)).toBe('projected');
    expect(chooseForm(square(576, 576), 2000, flopsPerByte.wasm)).toBe('dense');
  });

  it('never takes a form that does more of both kinds of work than another', () => {
    const sizes = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(
        sizes,
        sizes,
        sizes,
        fc.integer({ min: 1, max: 20_000 }),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom(...Object.values(flopsPerByte)),
        (out, width, most, rows, tail, packed, balance) => {
          const shape = { out, in: width, vectors: Math.min(most, out, width), tail, packed };
          const chosen = stepWork(chooseForm(shape, rows, balance), shape, rows);
          for (const other of (['dense', 'projected', 'factored'] as const).map((form) =>
            stepWork(form, shape, rows),
          )) {
            expect(other.flops < chosen.flops && other.bytes < chosen.bytes).toBe(false);
          }
        },
      ),
    );
  });
});
