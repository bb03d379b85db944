import { describe, expect, it } from 'vitest';
import { compareVocabularies, vocabularyOf } from './compare-vocabularies.ts';

const words = Array.from({ length: 500 }, (_, i) => `w${i}`);
const bpe = (order: readonly string[], added: Readonly<Record<string, number>> = {}): unknown => ({
  model: { type: 'BPE', vocab: Object.fromEntries(order.map((word, id) => [word, id])) },
  added_tokens: Object.entries(added).map(([content, id]) => ({ content, id, special: true })),
});
const unigram = (order: readonly string[]): unknown => ({
  model: { type: 'Unigram', vocab: order.map((word) => [word, -1]) },
});
const swapped = (count: number): string[] => {
  const order = [...words];
  for (let i = 0; i < count; i += 2) [order[i], order[i + 1]] = [words[i + 1] ?? '', words[i] ?? ''];
  return order;
};
const compare = (base: unknown, model: unknown) =>
  compareVocabularies('lrm', { base: 'b', model: 'm' }, vocabularyOf(base), vocabularyOf(model));

describe('vocabularies of base and reasoning model', () => {
  it.each<[string, unknown, unknown]>([
    ['the same', bpe(words, { '<s>': 500 }), bpe(words, { '<s>': 500 })],
    ['further tokens', bpe(words), bpe([...words, 'more'], { '<image>': 501 })],
    ['the same in another kind of file', bpe(words), unigram(words)],
    ['none', {}, bpe(words)],
    ['hostile', { model: { vocab: 7 }, added_tokens: [null, { content: 3 }] }, bpe(words)],
  ])('are said nothing of: %s', (_, base, model) => {
    expect(compare(base, model)).toEqual([]);
  });

  it.each<[string, unknown, unknown]>([
    ['reversed', bpe(words), bpe(words.toReversed())],
    ['shifted by one', bpe(words), bpe(['<pad>', ...words])],
    ['of a list', unigram(words), unigram(swapped(40))],
  ])('are an error in another order: %s', (_, base, model) => {
    const [finding, ...more] = compare(base, model);
    expect(finding).toMatchObject({ code: 'lrm-vocabulary-permuted', severity: 'error' });
    expect(finding?.message).toContain('“w0” (0 and ');
    expect(more).toEqual([]);
  });

  it('are a warning where a few tokens differ', () => {
    expect(compare(bpe(words), bpe(swapped(2)))).toMatchObject([
      {
        code: 'lrm-vocabulary-permuted',
        severity: 'warning',
        message:
          '2 of 500 tokens that the reasoning model m and the base b share have other ids in the two, such as “w0” (0 and 1).',
      },
    ]);
  });

  it.each<[string, Readonly<Record<string, number>>]>([
    ['other names for the same ids', { '<think>': 500, '<end>': 501 }],
    ['other ids for the same names', { '<a>': 501, '<b>': 500 }],
  ])('are told apart in added tokens: %s', (_, added) => {
    expect(compare(bpe(words, { '<a>': 500, '<b>': 501 }), bpe(words, added))).toMatchObject([
      { code: 'lrm-special-tokens-differ', severity: 'info' },
    ]);
  });
});
