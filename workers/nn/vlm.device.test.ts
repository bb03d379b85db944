/** Each family's features, logits and answers against transformers' models (zoo/reference/vlm). */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { leftPadded } from '../../test/batch.ts';
import { startDevice } from '../../test/device.ts';
import { readVlm, rgba, vlmReferences } from '../../test/vlm.ts';
import { tensorsLeftBy } from '../backend/leaks.ts';
import type { ImageLayout, TextModel, TokenBatch, VisionModel } from './contract.ts';
import { loadPreprocessor } from './preprocess.ts';
import { loadTextModel } from './text-model.ts';
import { loadVision } from './vision-model.ts';

const worst = (got: ArrayLike<number>, expected: ArrayLike<number>): number => {
  expect(got.length).toBe(expected.length);
  return Array.from(got).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? Number.NaN))),
    0,
  );
};

/**
 * Four images on wasm; on WebGPU, whose every new shape is a set of shader programs, a wide one and the large
 * one.
 */
const onWasm = inject('device') === 'wasm';
const chosen = onWasm ? [0, 1, 2, 3] : [0, 3];

beforeAll(async () => {
  await startDevice();
});

describe.each(vlmReferences)('%s', (name) => {
  let loaded: Awaited<ReturnType<typeof readVlm>>;
  let text: TextModel;
  let vision: VisionModel;
  let layouts: ImageLayout[];
  let tensorsBefore: number;

  const features = (i: number): tf.Tensor2D =>
    tf.tidy(() =>
      vision.arrange(
        vision.encode(loaded.arrays(`pixels.${i}`).data, layouts[i]!.tiles, [layouts[i]!]),
        layouts[i]!,
      ),
    );

  const embed = (i: number, ids: readonly number[]) => {
    const batch: TokenBatch = {
      ids: Int32Array.from(ids),
      rows: 1,
      columns: ids.length,
      padding: Int32Array.of(0),
      images: { tokenId: loaded.spec.imageTokenId, layouts: [layouts[i]!] },
    };
    return {
      batch,
      embedded: tf.tidy(() =>
        text.embed(batch, { features: features(i), tokenId: loaded.spec.imageTokenId }),
      ),
    };
  };

  beforeAll(async () => {
    tensorsBefore = tf.memory().numTensors;
    loaded = await readVlm(name);
    const { checkpoint, spec, reference, arrays } = loaded;
    const preprocessor = await loadPreprocessor(checkpoint, spec);
    layouts = reference.cases.map((_, i) => preprocessor.preprocess(rgba(arrays(`image.${i}`))).layout);
    [text, vision] = [
      await loadTextModel(checkpoint, spec.text, spec.names),
      await loadVision(checkpoint, spec),
    ];
  });

  it("gives transformers' image features", async () => {
    expect(vision.tokensPerTile).toBe(loaded.spec.tokensPerTile);
    for (const i of chosen) {
      const left = await tensorsLeftBy(async () => {
        const got = features(i);
        expect(got.shape).toEqual(loaded.arrays(`features.${i}`).shape);
        expect(worst(await got.data(), loaded.arrays(`features.${i}`).data)).toBeLessThan(1e-3);
        got.dispose();
      });
      expect(left).toBe(0);
    }
  });

  it("gives transformers' logits", async () => {
    for (const i of chosen) {
      const { ids, positions } = loaded.reference.cases[i]!;
      const { batch, embedded } = embed(i, ids);
      const logits = text.logits(embedded, batch, text.linears, Int32Array.from(positions));
      expect(worst(await logits.data(), loaded.arrays(`logits.${i}`).data)).toBeLessThan(1e-3);
      tf.dispose([embedded, logits]);
    }
  });

  /** Two images of different shapes at once are one alone as well: on WebGPU that spares a set of programs. */
  it.each(onWasm ? [{ images: [0] }, { images: [0, 1] }] : [{ images: [0, 3] }])(
    "generates transformers' answers about images $images at once",
    async ({ images }) => {
      const { reference, spec } = loaded;
      const batch: TokenBatch = {
        ...leftPadded(images.map((i) => [...reference.cases[i]!.ids])),
        images: { tokenId: spec.imageTokenId, layouts: images.map((i) => layouts[i]!) },
      };
      const embedded = tf.tidy(() =>
        text.embed(batch, { features: tf.concat(images.map(features), 0), tokenId: spec.imageTokenId }),
      );
      const answers = await text.generate(embedded, batch, text.linears, {
        maxTokens: reference.maxTokens,
        stopIds: [reference.stopId],
      });
      expect(answers).toEqual(images.map((i) => reference.cases[i]!.answer));
      embedded.dispose();
    },
  );

  it('refuses a tower or connector that lacks a tensor or has one of another shape, and gives back what it had loaded', async () => {
    const { checkpoint, spec } = loaded;
    const own = [...checkpoint.tensors.keys()].filter(
      (tensor) =>
        tensor.startsWith(spec.names.connector) ||
        ('newline' in spec.names && tensor === spec.names.newline) ||
        /lambda_1|class_embedding|cls_token|position_embedding/.test(tensor),
    );
    expect(own.length).toBeGreaterThan(1);
    const left = await tensorsLeftBy(async () => {
      for (const tensor of own) {
        const without = new Map([...checkpoint.tensors].filter(([name]) => name !== tensor));
        await expect(loadVision({ ...checkpoint, tensors: without }, spec)).rejects.toMatchObject({
          code: 'missing',
          details: { tensor },
        });
        const entry = checkpoint.tensors.get(tensor)!;
        const reshaped = new Map([...checkpoint.tensors, [tensor, { ...entry, shape: [...entry.shape, 2] }]]);
        await expect(loadVision({ ...checkpoint, tensors: reshaped }, spec)).rejects.toMatchObject({
          code: 'mismatch',
          details: { tensor },
        });
      }
    });
    expect(left).toBe(0);
  });

  afterAll(() => {
    text.dispose();
    vision.dispose();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
  });
});
