import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { startDevice } from '../../test/device.ts';
import { readVlm, rgba } from '../../test/vlm.ts';
import { tensorsLeftBy } from '../backend/leaks.ts';
import type { VisionModel } from '../nn/contract.ts';
import { loadPreprocessor } from '../nn/preprocess.ts';
import { loadPrompter } from '../nn/prompter.ts';
import { loadVision } from '../nn/vision-model.ts';
import { encodeImages, promptAbout } from './image-features.ts';

beforeAll(async () => {
  await startDevice();
});

it('keeps images of unlike numbers of tiles apart: each with its own features, layout and prompt', async () => {
  const before = tf.memory().numTensors;
  const { checkpoint, spec, reference, arrays } = await readVlm('smolvlm');
  const [vision, preprocessor, prompter] = [
    await loadVision(checkpoint, spec),
    await loadPreprocessor(checkpoint, spec),
    await loadPrompter(checkpoint, spec),
  ];
  const done: number[] = [];
  const left = await tensorsLeftBy(async () => {
    const images = await encodeImages(
      vision,
      4,
      (i) => preprocessor.preprocess(rgba(arrays(`image.${i}`))),
      (count) => done.push(count),
      new AbortController().signal,
    );
    // 13 + 9 + 17 tiles reach the 32 of a batch.
    // Of those that are under way, a part.
    expect(done.filter(Number.isInteger)).toEqual([0, 3, 4]);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    const taken = images.take([3, 1]);
    const expected = [...arrays('features.3').data, ...arrays('features.1').data];
    expect(taken.shape).toEqual([
      reference.cases[3]!.tokens + reference.cases[1]!.tokens,
      spec.text.hiddenSize,
    ]);
    const values = await taken.data<'float32'>();
    expect(
      values.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? Number.NaN))), 0),
    ).toBeLessThan(1e-3);
    taken.dispose();
    for (const [i, one] of reference.cases.entries())
      expect(promptAbout(prompter, images, one.question, i)).toEqual(one.ids);
    expect(promptAbout(prompter, images, reference.text.question, null)).toEqual(reference.text.ids);
    expect(() => images.layout(4)).toThrow('Image 4 was asked for');
  });
  expect(left).toBe(0);

  // Fewer tiles at once than an image has, and a person who stops it in between.
  const encoded: number[] = [];
  const small: VisionModel = {
    tokensPerTile: vision.tokensPerTile,
    tilesAtOnce: 5,
    wholeImages: false,
    encode: (pixels, count) => {
      encoded.push(count);
      return vision.encode(pixels, count);
    },
    arrange: (tiles, layout) => vision.arrange(tiles, layout),
    dispose: () => undefined,
  };
  const prepare = (i: number) => preprocessor.preprocess(rgba(arrays(`image.${i}`)));
  const images = await encodeImages(small, 1, prepare, () => undefined, new AbortController().signal);
  expect(encoded).toEqual([5, 5, 3]);
  const rows = images.take([0]);
  const values = await rows.data<'float32'>();
  expect(
    values.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (arrays('features.0').data[i] ?? Number.NaN))),
      0,
    ),
  ).toBeLessThan(1e-3);
  rows.dispose();
  const stopping = new AbortController();
  const stopped = {
    ...small,
    encode: (pixels: Float32Array, count: number) => (stopping.abort(), small.encode(pixels, count)),
  };
  expect(
    await tensorsLeftBy(() =>
      expect(encodeImages(stopped, 1, prepare, () => undefined, stopping.signal)).rejects.toMatchObject({
        code: 'cancelled',
      }),
    ),
  ).toBe(0);
  vision.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
