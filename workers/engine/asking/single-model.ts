/** One model by itself, text or vision-language: a prompt in, logits or an answer out. */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../../../core/errors.ts';
import type { Finding } from '../../../core/family/pairing.ts';
import { beyondPositions } from '../../../core/family/text/positions.ts';
import { tensorsBeside } from '../../../core/family/unused-tensors.ts';
import { readModelSpec } from '../../../core/family/read-spec.ts';
import type { RgbaImage } from '../../../protocol/session.ts';
import { embedRows, generateAll } from '../../distill/generate-all.ts';
import { encodeImages, promptAbout, type ImageFeatures } from '../../distill/image-features.ts';
import type { Checkpoint } from '../../io/contract.ts';
import { allFinite } from '../../merge/finite.ts';
import type { Prompter, TextModel } from '../../nn/contract.ts';
import { asStored, logitsNotFinite, type NamedModel } from '../../nn/finite-logits.ts';
import { loadPreprocessor } from '../../nn/preprocess.ts';
import { loadPrompter } from '../../nn/prompter.ts';
import { loadTextModel } from '../../nn/text-model.ts';
import { loadVision } from '../../nn/vision-model.ts';

export interface Ask {
  readonly text: string;
  readonly image: RgbaImage | null;
  /**
   * Continues the text as it is, instead of putting it as a question into the model's chat template. Such a
   * prompt has no image.
   */
  readonly raw: boolean;
}

export interface SingleModel {
  /** What the files of its text side hold that is not heeded. */
  readonly findings: readonly Finding[];
  generate(
    ask: Ask,
    maxTokens: number,
    signal: AbortSignal,
  ): Promise<{
    readonly ids: readonly number[];
    readonly text: string;
    readonly promptIds: readonly number[];
    readonly findings: readonly Finding[];
  }>;
  /** float32 [tokens, vocabulary] at every position of the prompt. */
  logits(
    ask: Ask,
    signal: AbortSignal,
  ): Promise<{
    readonly ids: readonly number[];
    readonly vocabulary: number;
    readonly values: Float32Array<ArrayBuffer>;
    readonly findings: readonly Finding[];
  }>;
  dispose(): void;
}

export async function loadSingleModel(checkpoint: Checkpoint, signal: AbortSignal): Promise<SingleModel> {
  const spec = readModelSpec(checkpoint.config, checkpoint.tensors.keys());
  if (spec.kind === 'unknown')
    throw new StudioError('unsupported', spec.reason, {
      details: { file: checkpoint.label, value: spec.architecture },
    });
  const named = asStored(`the model ${checkpoint.label}`);
  const prompter = await loadPrompter(checkpoint, spec, signal, false);
  const preprocessor = spec.kind === 'vlm' ? await loadPreprocessor(checkpoint, spec, signal) : null;
  const model = await loadTextModel(checkpoint, spec.text, spec.names, signal);
  const vision =
    spec.kind === 'vlm'
      ? await loadVision(checkpoint, spec, signal).catch((thrown: unknown) => {
          model.dispose();
          throw thrown;
        })
      : null;

  const beyond = (tokens: number) => beyondPositions(checkpoint.label, tokens, spec.text.maxPositions);
  const prepare = async (
    { text, image, raw }: Ask,
    asking: AbortSignal,
  ): Promise<{ readonly ids: number[]; readonly images: ImageFeatures | null }> => {
    if (image && (!vision || !preprocessor))
      throw new StudioError('bad-request', `${checkpoint.label} is a text model and takes no image.`);
    if (image && raw)
      throw new StudioError(
        'bad-request',
        'A raw prompt cannot have an image, because the chat template says where an image belongs.',
      );
    const images =
      image && vision && preprocessor
        ? await encodeImages(
            vision,
            1,
            () => preprocessor.preprocess(image),
            () => undefined,
            asking,
          )
        : null;
    const ids = raw ? prompter.continuation(text) : promptAbout(prompter, images, text, images ? 0 : null);
    if (ids.length === 0)
      throw new StudioError(
        'bad-request',
        `The prompt has no tokens: ${raw && text === '' ? 'it is an empty text, and nothing is put before it' : `the tokenizer of ${checkpoint.label} has none for what is in it`}.`,
      );
    return { ids, images };
  };
  return {
    findings: [
      ...tensorsBeside(checkpoint.label, spec, checkpoint.tensors.keys()),
      ...prompter.findings,
      ...(preprocessor?.findings ?? []),
    ],
    async generate(ask, maxTokens, asking) {
      const { ids, images } = await prepare(ask, asking);
      const asked = {
        model,
        named,
        linears: model.linears,
        imageTokenId: prompter.imageTokenId,
        images,
        stopIds: prompter.stopIds,
        rules: prompter.rules,
      };
      const [answer = []] = await generateAll(
        asked,
        [{ prompt: ids, image: images ? 0 : null }],
        maxTokens,
        () => undefined,
        asking,
      );
      return {
        ids: answer,
        text: prompter.decode(answer),
        promptIds: ids,
        findings: beyond(ids.length + answer.length),
      };
    },
    async logits(ask, asking) {
      const { ids, images } = await prepare(ask, asking);
      return {
        ids,
        vocabulary: model.vocabulary,
        values: await allLogits(model, named, prompter, ids, images),
        findings: beyond(ids.length),
      };
    },
    dispose() {
      model.dispose();
      vision?.dispose();
    },
  };
}

async function allLogits(
  model: TextModel,
  named: NamedModel,
  { imageTokenId }: Prompter,
  ids: readonly number[],
  images: ImageFeatures | null,
): Promise<Float32Array<ArrayBuffer>> {
  const written = { ids: Int32Array.from(ids), rows: 1, columns: ids.length, padding: Int32Array.of(0) };
  const logits = tf.tidy(() => {
    const { embedded, batch } = embedRows({ model, images, imageTokenId }, written, images ? [0] : []);
    return model.logits(embedded, batch, model.linears, Int32Array.from(ids.keys()));
  });
  const values = await logits.data<'float32'>().finally(() => logits.dispose());
  if (!allFinite(values)) throw logitsNotFinite(named);
  return Float32Array.from(values);
}
