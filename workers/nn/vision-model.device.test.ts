import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { leftPadded } from '../../test/batch.ts';
import { readArrays, readCheckpoint } from '../../test/checkpoint.ts';
import { startDevice } from '../../test/device.ts';
import { readJsonFixture } from '../../test/fixtures.ts';
import { tensorsLeftBy } from '../backend/leaks.ts';
import { relativeError } from '../backend/reference.ts';
import type { TextModel, VisionModel } from './contract.ts';
import type { TextNames, TextSpec, VisionSpec } from './spec.ts';
import { loadTextModel } from './text-model.ts';
import { loadVision, pixelShuffle } from './vision-model.ts';

interface Reference {
  readonly prompts: number[][];
  readonly answers: number[][];
  readonly stopId: number;
  readonly maxTokens: number;
}

const common = { channels: 3, imageSize: 64, patchSize: 8, epsilon: 1e-6, scaleFactor: 2 };
const tinyVision: VisionSpec = { ...common, layers: 2, width: 24, heads: 3 };
const demoVision: VisionSpec = { ...common, layers: 3, width: 96, heads: 4 };
const tinyText: TextSpec = { layers: 2, width: 36, heads: 6, keyValueHeads: 2, headWidth: 8, vocabulary: 60, ropeTheta: 1000, epsilon: 1e-5 };
const demoText: TextSpec = { layers: 4, width: 128, heads: 4, keyValueHeads: 4, headWidth: 32, vocabulary: 48, ropeTheta: 1000, epsilon: 1e-5 };
const names: TextNames = {
  layers: 'model.text_model.layers.',
  embedding: 'model.text_model.embed_tokens.weight',
  finalNorm: 'model.text_model.norm.weight',
  head: 'lm_head.weight',
};
const visionNames = { tower: 'model.vision_model.', projection: 'model.connector.modality_projection.proj.weight' };
const imageTokenId = 4;

beforeAll(async () => {
  await startDevice();
});

const cases = [
  { name: 'tiny-idefics3', checkpoint: 'zoo/reference/nn/tiny-idefics3', textSpec: tinyText, visionSpec: tinyVision },
  { name: 'demo-vlm', checkpoint: 'public/models/demo/vlm', textSpec: demoText, visionSpec: demoVision },
];

for (const { name, checkpoint, textSpec, visionSpec } of cases) {
  describe(name, () => {
    const folder = `zoo/reference/nn/${name}`;
    let text: TextModel;
    let vision: VisionModel;
    let reference: Reference;
    let arrays: Awaited<ReturnType<typeof readArrays>>;
    let tensorsBefore: number;

    /** Features of the first `count` images as rows [count · I, D]. */
    const featuresOf = (from: number, count: number): tf.Tensor2D => {
      const size = 3 * 64 * 64;
      const pixels = arrays('pixels').data.slice(from * size, (from + count) * size);
      return tf.tidy(() => tf.reshape(vision.encode(pixels, count), [count * vision.tokensPerImage, text.width]));
    };

    beforeAll(async () => {
      tensorsBefore = tf.memory().numTensors;
      [reference, arrays] = [await readJsonFixture<Reference>(`${folder}/reference.json`), await readArrays(`${folder}/reference.safetensors`)];
      const stored = await readCheckpoint(checkpoint);
      [text, vision] = [await loadTextModel(stored, textSpec, names), await loadVision(stored, visionSpec, visionNames)];
    });

    it("gives transformers' image features", async () => {
      const expected = arrays('features');
      const count = reference.prompts.length;
      expect(vision.tokensPerImage).toBe(expected.shape[1]);
      const left = await tensorsLeftBy(async () => {
        const features = vision.encode(arrays('pixels').data, count);
        expect(features.shape).toEqual(expected.shape);
        expect(relativeError(await features.data(), expected.data)).toBeLessThan(1e-4);
        features.dispose();
      });
      expect(left).toBe(0);
    });

    it("gives transformers' logits for image prompts", async () => {
      for (const [i, row] of reference.prompts.entries()) {
        const batch = leftPadded([row]);
        const logits = tf.tidy(() => {
          const embedded = text.embed(batch, { features: featuresOf(i, 1), tokenId: imageTokenId });
          return text.logits(embedded, batch, text.linears, Int32Array.from(row.keys()));
        });
        expect(relativeError(await logits.data(), arrays(`logits.${i}`).data)).toBeLessThan(1e-3);
        logits.dispose();
      }
    });

    it("generates transformers' answers for a left-padded batch of images", async () => {
      const batch = leftPadded(reference.prompts);
      const embedded = tf.tidy(() => text.embed(batch, { features: featuresOf(0, reference.prompts.length), tokenId: imageTokenId }));
      const answers = await text.generate(embedded, batch, text.linears, { maxTokens: reference.maxTokens, stopIds: [reference.stopId] });
      expect(answers).toEqual(reference.answers);
      embedded.dispose();
    });

    it('refuses prompts whose image tokens are not as many as the features', () => {
      const batch = leftPadded([[1, imageTokenId, 7]]);
      const features = featuresOf(0, 1);
      expect(() => text.embed(batch, { features, tokenId: imageTokenId })).toThrow('1 image tokens');
      features.dispose();
    });

    it('gives all its memory back', () => {
      text.dispose();
      vision.dispose();
      expect(tf.memory().numTensors).toBe(tensorsBefore);
    });
  });
}

it('shuffles pixels as Idefics3 does', async () => {
  const [count, side, factor, width] = [2, 4, 2, 3];
  const values = Float32Array.from({ length: count * side * side * width }, (_, i) => i);
  const shuffled = tf.tidy(() => pixelShuffle(tf.tensor2d(values, [count * side * side, width]), count, side, factor));
  expect(shuffled.shape).toEqual([count * 4, 12]);
  const got = await shuffled.data();
  for (let at = 0; at < got.length; at++) {
    const [image, i, j, part, c] = [Math.floor(at / 48), Math.floor(at / 24) % 2, Math.floor(at / 12) % 2, Math.floor(at / 3) % 4, at % 3];
    const [di, dj] = [Math.floor(part / 2), part % 2];
    expect(got[at]).toBe(((image * side + i * factor + di) * side + j * factor + dj) * width + c);
  }
  shuffled.dispose();
});
