/** A tokenizer of `@huggingface/tokenizers` 0.2 out of a tokenizer.json, with its work counted (bound-tokenizer.ts). */
import { Tokenizer } from '@huggingface/tokenizers';
import { StudioError } from '../../../core/errors.ts';
import { allowance, measured } from '../../../core/work.ts';
import { splitAsReference } from './added-token-splits.ts';
import { boundTokenizer } from './bound-tokenizer.ts';
import type { AddedEntry } from './special-tokens.ts';
import { fillWords, withoutWords, type Vocabulary } from './vocabulary.ts';

const noWords = { added_tokens: [], model: { type: 'BPE', vocab: {}, merges: [] } };

/**
 * @param json with parts that the library computes rightly (tokenizer-parts.ts)
 * @throws StudioError `unsupported` where a part is at fault, and the reason of `signal`
 */
export async function makeTokenizer(
  label: string,
  json: Readonly<Record<string, unknown>>,
  vocabulary: Vocabulary,
  added: readonly AddedEntry[],
  signal: AbortSignal | undefined,
): Promise<Tokenizer> {
  const make = (): Tokenizer => {
    // The library normalises added tokens before its parts can be bound: bound parts of another one do so first.
    const parts = new Tokenizer({ ...json, ...noWords }, {});
    boundTokenizer(parts, []);
    for (const { content, normalized } of added) if (normalized) parts.normalizer?.(content);
    return new Tokenizer(withoutWords(json), {});
  };
  const complete = (tokenizer: Tokenizer): void => {
    splitAsReference(tokenizer);
    boundTokenizer(tokenizer, added);
    const { model, normalizer } = tokenizer;
    // A token that is looked for in the normalised text is written in that form, too.
    for (const { id, content, normalized, special } of tokenizer.get_added_tokens_decoder().values())
      if (normalized && !special && model && normalizer) {
        const written = normalizer(content);
        const known = model.tokens_to_ids.get(written);
        if (known !== undefined && known !== id)
          throw new Error(
            `its added token ${content} (id ${id}) is written ${written} after the normalizer, which is the token ${known} of the vocabulary as well, and the two cannot be told apart here. Save the tokenizer with normalized: false for it`,
          );
        model.vocab[id] = written;
      }
  };
  const work = allowance();
  try {
    const tokenizer = measured(work, make);
    await fillWords(tokenizer, json, vocabulary, added, signal);
    measured(work, () => complete(tokenizer));
    return tokenizer;
  } catch (thrown) {
    signal?.throwIfAborted();
    throw new StudioError(
      'unsupported',
      `The tokenizer of ${label} could not be set up: ${thrown instanceof Error ? thrown.message : String(thrown)}.`,
      {
        cause: thrown,
        details: { file: 'tokenizer.json' },
      },
    );
  }
}
