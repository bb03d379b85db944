/** Which added tokens are found, and the white space that goes beside them: ids as of the `tokenizers` library. */
import { expect, test } from 'vitest';
import { readJsonFixture } from '../../../test/fixtures.ts';
import { prompterOf } from '../../../test/prompter-of.ts';

const reference = await readJsonFixture<{
  readonly vocab: Readonly<Record<string, number>>;
  readonly cases: readonly {
    readonly name: string;
    readonly texts: readonly string[];
    readonly tokenizer: { readonly model: object };
    readonly ids: readonly (readonly number[])[];
  }[];
}>('zoo/reference/tokenizers/added.json');

test.each(reference.cases)('$name', async ({ texts, tokenizer, ids }) => {
  const model = { ...tokenizer.model, vocab: reference.vocab };
  const { encode } = await prompterOf({ 'tokenizer.json': JSON.stringify({ ...tokenizer, model }) });
  expect(texts.map((text) => encode(text))).toEqual(ids);
});
