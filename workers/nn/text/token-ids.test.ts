/** Token ids that are none, and tokens that are no text: refused as the `tokenizers` library refuses them. */
import { describe, expect, test } from 'vitest';
import { readJsonFixture } from '../../../test/fixtures.ts';
import { mergeTokens, type TokenFiles } from './special-tokens.ts';
import { comparedTokenizer } from './tokenizer-parts.ts';

type Json = Readonly<Record<string, unknown>>;

const { cases } = await readJsonFixture<{
  readonly cases: readonly { readonly what: string; readonly read: boolean; readonly tokenizer: Json }[];
}>('zoo/reference/tokenizers/ids.json');

function read(tokenizer: Json, beside: Partial<TokenFiles> = {}): unknown {
  const files = { label: 'm', tokenizer, config: {}, specialTokensMap: null, addedTokens: null, ...beside };
  return comparedTokenizer('m', tokenizer, mergeTokens(files).added);
}

describe('in tokenizer.json', () => {
  test.each(cases)('$what: as the library', ({ read: isRead, tokenizer }) => {
    if (isRead) expect(() => read(tokenizer)).not.toThrow();
    else expect(() => read(tokenizer)).toThrow(/tokenizer\.json of m/);
  });

  test('the reference has both', () => {
    expect(cases.filter((one) => one.read).length).toBeGreaterThan(4);
    expect(cases.filter((one) => !one.read).length).toBeGreaterThan(15);
  });

  test('the sentence says what was found, why it matters and what to do', () => {
    const { tokenizer } = cases.find(({ what }) => what === 'a fraction as an id')!;
    expect(() => read(tokenizer)).toThrow(
      'The vocabulary in tokenizer.json of m has the id 0.5 for the token "d". No tokenizer reads it, and prompts would be wrong. Download the file again, or save the tokenizer again with transformers.',
    );
  });
});

describe('beside it', () => {
  const { tokenizer } = cases[0]!;
  const content = '<x>';

  test.each([['3.5'], ['-3'], [''], ['0x3'], [' 3'], ['4294967296']])(
    'added_tokens_decoder with the id “%s” is refused',
    (id) => {
      const decoder = (key: string) => ({ config: { added_tokens_decoder: { [key]: { content } } } });
      expect(() => read(tokenizer, decoder('3'))).not.toThrow();
      expect(() => read(tokenizer, decoder(id))).toThrow(/tokenizer_config\.json of m has no token at/);
    },
  );

  test.each([[3.5], [-3], ['3'], [null], [2 ** 32]])('added_tokens.json with the id %j is refused', (id) => {
    expect(() => read(tokenizer, { addedTokens: { [content]: 3 } })).not.toThrow();
    expect(() => read(tokenizer, { addedTokens: { [content]: id } })).toThrow(/added_tokens\.json of m/);
  });

  test('half of a surrogate pair is no token', () => {
    expect(() => read(tokenizer, { addedTokens: { 'a\ud83d': 3 } })).toThrow(/added_tokens\.json of m/);
    expect(() => read(tokenizer, { config: { added_tokens_decoder: { 3: { content: '\udc00' } } } })).toThrow(
      /tokenizer_config\.json of m/,
    );
  });
});
