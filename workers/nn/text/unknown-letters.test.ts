/** Letters without a token, ids without one, and tokens that cannot be told apart: as the `tokenizers` library, or refused. */
import { expect, test } from 'vitest';
import { readJsonFixture } from '../../../test/fixtures.ts';
import { prompterOf } from '../../../test/prompter-of.ts';

const reference = await readJsonFixture<{
  readonly texts: readonly string[];
  readonly cases: readonly {
    readonly unk: string | null;
    readonly fallback: boolean;
    readonly tokenizer: { readonly model: object };
    readonly ids: readonly (readonly number[])[];
  }[];
  readonly answers: readonly { readonly ids: readonly number[]; readonly text: string }[];
}>('zoo/reference/tokenizers/letters.json');

test.each(reference.cases)('unknown token $unk, bytes $fallback: ids of the reference', async (one) => {
  const { encode } = await prompterOf({ 'tokenizer.json': JSON.stringify(one.tokenizer) });
  expect(reference.texts.map((text) => encode(text))).toEqual(one.ids);
});

test('ids without a token leave no blank in an answer, where no decoder puts it together', async () => {
  const { decode } = await prompterOf({ 'tokenizer.json': JSON.stringify(reference.cases[0]?.tokenizer) });
  for (const { ids, text } of reference.answers) expect(decode(ids)).toBe(text);
});

test('an added token that the normalizer makes another token is refused by name', async () => {
  const tokenizer = (content: string) => ({
    ...reference.cases[0]?.tokenizer,
    normalizer: { type: 'Replace', pattern: { String: 'X' }, content: 'a' },
    added_tokens: [
      { id: 7, content, special: false, normalized: true, lstrip: false, rstrip: false, single_word: false },
    ],
  });
  await expect(prompterOf({ 'tokenizer.json': JSON.stringify(tokenizer('Xb')) })).rejects.toThrow(
    /added token Xb \(id 7\) is written ab after the normalizer, which is the token 3 of the vocabulary/,
  );
  const { encode } = await prompterOf({ 'tokenizer.json': JSON.stringify(tokenizer('XX')) });
  expect(encode('aX')).toEqual([7]);
});
