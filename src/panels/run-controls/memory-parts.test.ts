import { expect, test } from 'vitest';
import { namedParts, peakWhen } from './memory-parts.ts';

test('parts by size, with their share of what there is', () => {
  const phase = {
    name: 'step',
    bytes: 40,
    parts: [
      { name: 'weights', bytes: 10 },
      { name: 'activations', bytes: 30 },
    ],
  } as const;
  expect(namedParts(phase, 100)).toEqual([
    { name: 'activations', label: 'Activations and gradients', bytes: 30, share: 0.3 },
    { name: 'weights', label: 'Weights of the language model', bytes: 10, share: 0.1 },
  ]);
  expect(peakWhen(phase)).toBe('in a step');
});
