import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { leftPadded } from '../../test/batch.ts';
import { readArrays, readCheckpoint } from '../../test/checkpoint.ts';
import { startDevice } from '../../test/device.ts';
import { expectAutogradsGateGradients, type GateReference } from '../../test/gates.ts';
import { readJsonFixture, sha256 } from '../../test/fixtures.ts';
import { readModelSpec } from '../../core/family/read-spec.ts';
import { tensorsLeftBy } from '../backend/leaks.ts';
import { relativeError } from '../backend/reference.ts';
import { pixelShuffle } from './connectors/pixel-shuffle.ts';
import type { TextModel, VisionModel } from './contract.ts';
import { loadTextModel } from './text-model.ts';
import { loadVision } from './vision-model.ts';

interface Reference {
  readonly prompts: number[][];
  readonly answers: number[][];
  readonly stopId: number;
  readonly maxTokens: number;
  readonly gates?: GateReference;
  /** Of the weights, where they are not made together with the reference. */
  readonly sha256?: string;
}

beforeAll(async () => {
  await startDevice();
});

const cases = [
  { name: 'tiny-idefics3', checkpoint: 'zoo/reference/nn/tiny-idefics3' },
  { name: 'demo-vlm', checkpoint: 'public/models/demo/vlm' },
];

for (const { name, checkpoint } of cases) {
  describe(name, () => {
    const folder = `zoo/reference/nn/${name}`;
    let text: TextModel;
    let vision: VisionModel;
    let reference: Reference;
    let arrays: Awaited<ReturnType<typeof readArrays>>;
    let imageTokenId: number;
    let tensorsBefore: number;

    /** Features of the first `count` images as rows [count · I, D]. */
    const featuresOf = (from: number, count: number): tf.Tensor2D => {
      const size = 3 * 64 * 64;
      const pixels = arrays('pixels').data.slice(from * size, (from + count) * size);
      return tf.tidy(() =>
        tf.reshape(vision.encode(pixels, count), [count * vision.tokensPerTile, text.width]),
      );
    };

    beforeAll(async () => {
      tensorsBefore = tf.memory().numTensors;
      [reference, arrays] = [
        await readJsonFixture<Reference>(`${folder}/reference.json`),
        await readArrays(`${folder}/reference.safetensors`),
      ];
      const stored = await readCheckpoint(checkpoint);
      const spec = readModelSpec(stored.config, stored.tensors.keys());
      if (spec.kind !== 'vlm') throw new Error(`${checkpoint} was read as ${spec.kind}`);
      imageTokenId = spec.imageTokenId;
      [text, vision] = [await loadTextModel(stored, spec.text, spec.names), await loadVision(stored, spec)];
      expect(vision.tokensPerTile).toBe(spec.tokensPerTile);
    });

    // The demo's weights are trained apart from its reference.
    if (name.startsWith('demo')) {
      it('has a reference of these weights (else: python zoo/reference/nn/make.py --demo)', async () => {
        expect(await sha256(`${checkpoint}/model.safetensors`)).toBe(reference.sha256);
      });
    }

    it("gives transformers' image features", async () => {
      const expected = arrays('features');
      const count = reference.prompts.length;
      expect(vision.tokensPerTile).toBe(expected.shape[1]);
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
      const embedded = tf.tidy(() =>
        text.embed(batch, { features: featuresOf(0, reference.prompts.length), tokenId: imageTokenId }),
      );
      const answers = await text.generate(embedded, batch, text.linears, {
        maxTokens: reference.maxTokens,
        stopIds: [reference.stopId],
      });
      expect(answers).toEqual(reference.answers);
      embedded.dispose();
    });

    // Only the tiny reference has them: the demo's would be as large as the model.
    if (name === 'tiny-idefics3') {
      it('gate gradients for image prompts are those of autograd', async () => {
        const batch = leftPadded(reference.prompts);
        const embedded = tf.tidy(() =>
          text.embed(batch, { features: featuresOf(0, batch.rows), tokenId: imageTokenId }),
        );
        await expectAutogradsGateGradients(text, embedded, batch, arrays, reference.gates!);
        embedded.dispose();
      });
    }

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
  const shuffled = tf.tidy(() =>
    pixelShuffle(tf.tensor2d(values, [count * side * side, width]), count, side, factor),
  );
  expect(shuffled.shape).toEqual([count * 4, 12]);
  const got = await shuffled.data();
  for (let at = 0; at < got.length; at++) {
    const [image, i, j, part, c] = [
      Math.floor(at / 48),
      Math.floor(at / 24) % 2,
      Math.floor(at / 12) % 2,
      Math.floor(at / 3) % 4,
      at % 3,
    ];
    const [di, dj] = [Math.floor(part / 2), part % 2];
    expect(got[at]).toBe(((image * side + i * factor + di) * side + j * factor + dj) * width + c);
  }
  shuffled.dispose();
});
