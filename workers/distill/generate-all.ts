/**
 * Greedy answers to many prompts. Prompts of similar length share a batch and are padded on the left, and the
 * answers come in the order of the prompts.
 */
import * as tf from '@tensorflow/tfjs-core';
import { trimBuffers } from '../backend/buffers.ts';
import { StudioError } from '../../core/errors.ts';
import type { AnswerRules } from '../../core/reading/generation-config.ts';
import { answerCacheBytes, answeredTogether } from '../../core/memory/batches.ts';
import type { Linears, TextModel, TokenBatch } from '../nn/contract.ts';
import { breathe } from '../nn/breathe.ts';
import type { NamedModel } from '../nn/finite-logits.ts';
import { checkCancelled } from './cancel.ts';
import type { ImageFeatures } from './image-features.ts';

export interface Question {
  readonly prompt: readonly number[];
  /** Index into `images`, or null for a text prompt. All questions of a call have one or none has. */
  readonly image: number | null;
}

export interface Asked {
  readonly model: TextModel;
  /** What messages call the model with these linear layers. */
  readonly named: NamedModel;
  readonly linears: Linears;
  readonly imageTokenId: number | null;
  readonly images: ImageFeatures | null;
  readonly stopIds: readonly number[];
  readonly rules?: AnswerRules | null;
}

/**
 * Answers without the stop id, one a question.
 *
 * @param onDone the questions that are answered, with a fraction for those that are being answered: at 0 before
 * the first one, and after each token. How long an answer will be is not known; the longest so far is assumed.
 * @param onAnswer what question `index` was answered so far, after each token; not the listener's to keep
 */
export async function generateAll(
  asked: Asked,
  questions: readonly Question[],
  maxTokens: number,
  onDone: (done: number) => void,
  signal: AbortSignal,
  onAnswer?: (index: number, ids: readonly number[]) => void,
): Promise<number[][]> {
  const order = questions
    .map((_, i) => i)
    .sort((a, b) => (questions[a]?.prompt.length ?? 0) - (questions[b]?.prompt.length ?? 0) || a - b);
  const answers: number[][] = questions.map(() => []);
  let longest = 0;
  onDone(0);
  for (let start = 0, end = 0; start < order.length; start = end) {
    checkCancelled(signal);
    end = Math.min(order.length, start + answeredTogether);
    // The longest of the rows is the last; a single row may take more.
    while (
      end > start + 1 &&
      (end - start) *
        ((questions[order[end - 1] as number]?.prompt.length ?? 0) + maxTokens) *
        asked.model.cacheBytes >
        answerCacheBytes
    )
      end--;
    const chosen = order.slice(start, end);
    const rows = chosen.map((index) => questions[index] as Question);
    const columns = Math.max(...rows.map(({ prompt }) => prompt.length));
    const ids = new Int32Array(rows.length * columns);
    const padding = Int32Array.from(rows, ({ prompt }) => columns - prompt.length);
    rows.forEach(({ prompt }, row) => ids.set(prompt, (row + 1) * columns - prompt.length));
    const { embedded, batch } = embedRows(
      asked,
      { ids, rows: rows.length, columns, padding },
      rows.flatMap(({ image }) => (image === null ? [] : [image])),
    );
    try {
      const texts = await asked.model.generate(embedded, batch, asked.linears, {
        maxTokens,
        stopIds: asked.stopIds,
        rules: asked.rules ?? null,
        named: asked.named,
        signal,
        onToken: (said) => {
          const tokens = Math.max(...said.map(({ length }) => length));
          const expected = Math.max(longest || maxTokens, tokens) + 1;
          onDone(start + (chosen.length * tokens) / expected);
          said.forEach((ids, row) => onAnswer?.(chosen[row] as number, ids));
        },
      });
      longest = Math.max(longest, ...texts.map(({ length }) => length));
      texts.forEach((text, row) => (answers[chosen[row] as number] = text));
    } finally {
      embedded.dispose();
    }
    // A cache of keys grows through as many shapes as an answer has tokens.
    trimBuffers();
    onDone(end);
    await breathe();
  }
  return answers;
}

/**
 * `embedded` [rows · columns, D]: token embeddings with the image features in their places, the caller's to
 * dispose; and the batch with what its decoder needs to know of the images. Logits and answers are of both.
 */
export function embedRows(
  { model, images, imageTokenId }: Pick<Asked, 'model' | 'images' | 'imageTokenId'>,
  batch: TokenBatch,
  imageIndices: readonly number[],
): { readonly embedded: tf.Tensor2D; readonly batch: TokenBatch } {
  if (imageIndices.length === 0) return { embedded: model.embed(batch), batch };
  if (!images || imageTokenId === null)
    throw new StudioError('internal', 'A prompt with an image was asked of a model without image tokens.');
  const shown = {
    ...batch,
    images: { tokenId: imageTokenId, layouts: imageIndices.map((index) => images.layout(index)) },
  };
  const embedded = tf.tidy(() =>
    model.embed(shown, { features: images.take(imageIndices), tokenId: imageTokenId }),
  );
  return { embedded, batch: shown };
}
