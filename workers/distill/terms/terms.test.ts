import { expect, it } from 'vitest';
import { termMakers } from './index.ts';
import { lossesOf } from '../../../test/losses.ts';
import { seededRandom, termRandom } from '../random.ts';
import { optionTable, defaultOptions } from '../../../core/objective/options.ts';
import { describeLosses, termRows, termsOf, weightOf } from '../../../core/objective/terms.ts';

it.each(termRows)('%s has a function, whole sentences, and a weight that is an option', (id, row) => {
  expect(termMakers[id].make).toBeTypeOf('function');
  expect(row.about).toMatch(/^[A-Z].*\.$/);
  if (row.weight !== null) expect(optionTable[row.weight].kind).toBe('number');
  else expect(weightOf(row, defaultOptions)).toBe(1);
});

it('a run computes what is always computed, and the others at a weight above 0', () => {
  expect(termsOf(defaultOptions)).toEqual(['distill', 'inject']);
  expect(termsOf({ ...defaultOptions, alpha: 0 })).toEqual(['distill', 'inject']);
  expect(termsOf({ ...defaultOptions, beta: 0.1, gamma: 1 })).toEqual([
    'distill',
    'inject',
    'trace',
    'composed',
  ]);
});

it('draws each term’s batches from the stream that it has had since version 0.1.0', () => {
  for (const [id, stream] of [
    ['distill', 0],
    ['trace', 1],
    ['composed', 2],
  ] as const)
    expect(termRandom(7, id).next()).toBe(seededRandom(7, stream).next());
});

it('says the losses that there are', () => {
  const losses = lossesOf({ total: 0.5, distill: 0.25, inject: -0.5, composed: 1 });
  expect(describeLosses(losses)).toEqual([
    'L_distill 0.2500 nats a token',
    'L_inject -0.5000',
    'L_composed 1.0000 nats a token',
  ]);
});
