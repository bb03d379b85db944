/** A tokenizer that is given its words in steps is the one that the library makes at once, and a stop is heard in between. */
import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, test } from 'vitest';
import { fillWords, readVocabulary, withoutWords } from './vocabulary.ts';

const none = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
const letters = [...'abcdefghijklmnopqrstuvwxyz'];
/** More than one step has. */
const words = [...letters, ...letters.flatMap((a) => Array.from({ length: 100 }, (_, i) => `${a}${i}`))];
const ids = (of: readonly string[]) => Object.fromEntries(of.map((word, i) => [word, i]));
const pairs = letters.flatMap((a) => letters.map((b): [string, string] => [a, b]));
const added = (id: number, content: string) => ({
  ...{ id, content, single_word: false, lstrip: false, rstrip: false },
  ...{ normalized: false, special: true },
});

const models: Readonly<Record<string, object>> = {
  'BPE with pairs': { type: 'BPE', vocab: ids([...words, '?', 'ab']), merges: pairs, unk_token: '?' },
  'BPE with merges as texts': { type: 'BPE', vocab: ids(words), merges: pairs.map((pair) => pair.join(' ')) },
  'BPE without merges, and a word named __proto__': {
    ...{ type: 'BPE', merges: [] },
    vocab: JSON.parse('{"a":0,"__proto__":1}') as object,
  },
  WordPiece: { type: 'WordPiece', vocab: ids([...words, '[UNK]']), unk_token: '[UNK]' },
  Unigram: { type: 'Unigram', unk_id: 3, vocab: words.map((word, i) => [word, -i / 7]) },
  'Unigram with a word twice, spaces and no unknown token': {
    ...{ type: 'Unigram', unk_id: null },
    vocab: [...['', ' ', 'a', 'a'].map((word, i) => [word, -i]), ...words.map((word) => [word, -1])],
  },
};

describe.each(Object.entries(models))('%s', (_, model) => {
  const added_tokens = [added(0, 'a'), added(1e6, '<end>')];
  const json = { ...none, added_tokens, model };

  test('has what the library makes of it', async () => {
    const made = new Tokenizer(withoutWords(json), {});
    await fillWords(made, json, await readVocabulary('m', json), added_tokens);
    const whole = new Tokenizer(json, {});
    const parts = (tokenizer: Tokenizer) => {
      const { config, cache, ...rest } = tokenizer.model as unknown as Record<string, unknown>;
      return { ...rest, named: config !== undefined, cached: cache !== undefined };
    };
    expect(parts(made)).toEqual(parts(whole));
  });

  test('a stop in the middle is heard', async () => {
    const stop = new AbortController();
    stop.abort(new Error('stopped'));
    await expect(readVocabulary('m', json, stop.signal)).rejects.toThrow('stopped');
    const made = new Tokenizer(withoutWords(json), {});
    const vocabulary = await readVocabulary('m', json);
    await expect(fillWords(made, json, vocabulary, [], stop.signal)).rejects.toThrow('stopped');
  });
});
