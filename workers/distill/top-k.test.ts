import fc from 'fast-check';
import { expect, it } from 'vitest';
import { logOfNothing, topK } from './top-k.ts';

it('is what sorting gives, ties by id, for any distribution', () => {
  const some = fc.tuple(
    fc.array(fc.integer({ min: -40, max: 0 }), { minLength: 2, maxLength: 80 }),
    fc.nat(),
  );
  fc.assert(
    fc.property(some, ([values, seed]) => {
      const logProbs = Float32Array.from(values, (value) => value / 4);
      const k = 1 + (seed % (values.length - 1));
      const order = [...logProbs.keys()].sort((a, b) => logProbs[b]! - logProbs[a]! || a - b);
      const { ids, logProbs: kept } = topK(logProbs, k);
      expect([...ids]).toEqual(order.slice(0, k));
      expect([...kept.subarray(0, k)]).toEqual(order.slice(0, k).map((id) => logProbs[id]));
      const rest = order.slice(k).reduce((sum, id) => sum + Math.exp(logProbs[id]!), 0);
      expect(kept[k]).toBeCloseTo(Math.log(rest), 5);
    }),
  );
});

it('a rest of nothing, and tokens of no probability, stay finite', () => {
  const { ids, logProbs } = topK(Float32Array.of(-Infinity, 0, -Infinity, -Infinity), 2);
  expect([...ids]).toEqual([1, 0]);
  expect([...logProbs]).toEqual([0, logOfNothing, logOfNothing]);
});
