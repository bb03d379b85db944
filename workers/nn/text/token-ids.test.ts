/** Token ids that are none, and tokens that are no text: refused as the `tokenizers` library refuses them. */
import { describe, expect, test } from 'vitest';
import { readJsonFixture } from '../../../test/fixtures.ts';
import { mergeTokens, type TokenFiles } from './special-tokens.ts';
import { comparedTokenizer } from './tokenizer-parts.ts';
import { readVocabulary } from './vocabulary.ts';

type Json = Readonly<Record<string, unknown>>;

const { cases } = await readJsonFixture<{
  readonly cases: readonly { readonly what: string; readonly read: boolean; readonly tokenizer: Json }[];
}>('zoo/reference/tokenizers/ids.json');

async function read(tokenizer: Json, beside: Partial<TokenFiles> = {}): Promise<unknown> {
  const files = { label: 'm', tokenizer, config: {}, specialTokensMap: null, addedTokens: null, ...beside };
  return comparedTokenizer('m', tokenizer, mergeTokens(files, await readVocabulary('m', tokenizer)).added);
}

describe('in tokenizer.json', () => {
  test.each(cases)('$what: as the library', async ({ read: isRead, tokenizer }) => {
    if (isRead) await expect(read(tokenizer)).resolves.toBeDefined();
    else await expect(read(tokenizer)).rejects.toThrow(/tokenizer\.json of m/);
  });

  test('the reference has both', () => {
    expect(cases.filter((one) => one.read).length).toBeGreaterThan(4);
    expect(cases.filter((one) => !one.read).length).toBeGreaterThan(15);
  });

  test('the sentence says what was found, why it matters and what to do', async () => {
    const { tokenizer } = cases.find(({ what }) => what === 'a fraction as an id')!;
    await expect(read(tokenizer)).rejects.toThrow(
      'The vocabulary in tokenizer.json of m has the id 0.5 for the token "d". No tokenizer reads it, and prompts would be wrong. Download the file again, or save the tokenizer again with transformers.',
    );
  });
});

describe('beside it', () => {
  const { tokenizer } = cases[0]!;
  const content = '<x>';

  test.each([['3.5'], ['-3'], [''], ['0x3'], [' 3'], ['4294967296']])(
    'added_tokens_decoder with the id “%s” is refused',
    async (id) => {
      const decoder = (key: string) => ({ config: { added_tokens_decoder: { [key]: { content } } } });
      await expect(read(tokenizer, decoder('3'))).resolves.toBeDefined();
      await expect(read(tokenizer, decoder(id))).rejects.toThrow(
        /tokenizer_config\.json of m has no token at/,
      );
    },
  );

  test.each([[3.5], [-3], ['3'], [null], [2 ** 32]])(
    'added_tokens.json with the id %j is refused',
    async (id) => {
      await expect(read(tokenizer, { addedTokens: { [content]: 3 } })).resolves.toBeDefined();
      await expect(read(tokenizer, { addedTokens: { [content]: id } })).rejects.toThrow(
        /added_tokens\.json of m/,
      );
    },
  );

  test('half of a surrogate pair is no token', async () => {
    await expect(read(tokenizer, { addedTokens: { 'a\ud83d': 3 } })).rejects.toThrow(
      /added_tokens\.json of m/,
    );
    await expect(
      read(tokenizer, { config: { added_tokens_decoder: { 3: { content: '\udc00' } } } }),
    ).rejects.toThrow(/tokenizer_config\.json of m/);
  });
});
