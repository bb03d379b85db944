/** A comparison that cannot be made is said. */
import { expect, test } from 'vitest';
import type { Checkpoint } from '../../io/contract.ts';
import { findVocabularies } from './vocabulary.ts';

const signal = new AbortController().signal;
const tokenizer = JSON.stringify({ model: { vocab: { a: 0, b: 1 } } });
const model = (label: string, text: string | null) =>
  ({ label, readText: async () => text }) as unknown as Checkpoint;
const found = async (base: string | null, lrm: string | null) =>
  (
    await findVocabularies(
      { base: model('B', base), vlm: model('V', tokenizer), lrm: model('L', lrm) },
      ['lrm'],
      signal,
    )
  ).map(({ severity, message }) => `${severity}: ${message}`);

test.each([
  [null, tokenizer, 'B has no tokenizer.json.'],
  [tokenizer, null, 'L has no tokenizer.json.'],
  [null, null, 'B and L have no tokenizer.json.'],
])('%j, %j', async (base, lrm, why) => {
  expect(await found(base, lrm)).toEqual([`info: The vocabularies of L and B were not compared: ${why}`]);
});

test('one that is no JSON is a warning, and equal ones are no matter', async () => {
  expect(await found(tokenizer, '{')).toEqual([expect.stringMatching(/^warning: .* not valid JSON/)]);
  expect(await found(tokenizer, tokenizer)).toEqual([]);
});
