/** Ids of a text, as a tokenizer gave them, against the model that gets them. */
import { StudioError } from '../../../core/errors.ts';

/** @throws StudioError `unsupported` where one is no row of the model's embedding */
export function checkedIds(
  label: string,
  ids: readonly (number | undefined)[],
  vocabSize: number,
  tokenOf: (id: number) => string | undefined,
): number[] {
  return ids.map((id) => {
    if (id !== undefined && Number.isSafeInteger(id) && id >= 0 && id < vocabSize) return id;
    if (id === undefined)
      throw new StudioError(
        'unsupported',
        `The tokenizer of ${label} has no id for a piece of this text, and no token for what it does not know (unk_token in tokenizer.json). Ask in other words, or choose the tokenizer that the model was trained with.`,
        { details: { file: 'tokenizer.json' } },
      );
    const token = tokenOf(id) ?? '';
    throw new StudioError(
      'unsupported',
      `The tokenizer of ${label} writes the token ${token} with the id ${id}, and the model knows the whole numbers below ${vocabSize}. Choose the tokenizer that the model was trained with.`,
      { details: { file: 'tokenizer.json', value: token } },
    );
  });
}
