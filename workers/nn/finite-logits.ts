/**
 * Logits that are no finite numbers. The largest of them is still some token, so an answer made of them looks like
 * one: often it is empty, because token 0 ends it.
 */
import { StudioError } from '../../core/errors.ts';

/** A model as messages name it. */
export interface NamedModel {
  /** Follows "of": "the VLM models/vlm". */
  readonly name: string;
  /** Why its logits may not be finite and what to do, in whole sentences. */
  readonly remedy: string;
}

/** A model with the weights of its files. */
export const asStored = (name: string): NamedModel => ({
  name,
  remedy:
    'Its weights hold NaN or infinite values, or values too large for float32. Download the weights again, or find where they were made.',
});

export const asMerged: NamedModel = {
  name: 'the merged model',
  remedy:
    'Ask the VLM and the reasoning model by themselves: where one of them fails as well, download its weights again; where both answer, the merge is too strong: use a smaller λ, or smaller gates.',
};

export const logitsNotFinite = ({ name, remedy }: NamedModel): StudioError =>
  new StudioError(
    'bad-file',
    `The logits of ${name} are no finite numbers for this prompt, so no answer of it means anything. ${remedy}`,
    { details: { tensor: 'logits', value: name } },
  );
