/** What the tower holds on the WebAssembly heap at most, against what core/memory says of it. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { startDevice } from '../../../../test/device.ts';
import { peakDeviceBytes } from '../../../../test/device-bytes.ts';
import type { Qwen2VlTower } from '../../../../core/family/qwen2-vl/tower.ts';
import { encodingBytes } from '../../../../core/memory/tower-work.ts';
import type { Affine } from '../../affine.ts';
import type { Norm } from '../../vision/block.ts';
import type { Qwen2VlWeights } from './load-tower.ts';
import { runQwen2VlTower } from './tower.ts';

beforeAll(async () => {
  await startDevice();
});

const base: Qwen2VlTower = {
  hiddenSize: 128,
  intermediateSize: 512,
  layers: 2,
  heads: 4,
  channels: 3,
  imageSize: 28,
  patchSize: 14,
  activation: 'quick_gelu',
  gatedMlp: false,
  reads: 'image',
  classToken: false,
  mergeSize: 2,
  temporalPatchSize: 2,
  outSize: 64,
  norm: 'layer',
  ropeTheta: 10_000,
  window: null,
  fullBlocks: [],
};
const later: Qwen2VlTower = {
  ...base,
  activation: 'silu',
  gatedMlp: true,
  norm: 'rms',
  window: 4,
  fullBlocks: [1],
};

function weightsOf(spec: Qwen2VlTower): Qwen2VlWeights {
  const { hiddenSize: width, intermediateSize: inner } = spec;
  const affine = (out: number, into: number): Affine => ({
    weight: tf.fill([out, into], 0.01),
    bias: tf.zeros([out]),
  });
  const norm = (): Norm => ({
    weight: tf.ones([width]),
    bias: spec.norm === 'layer' ? tf.zeros([width]) : null,
  });
  return {
    patch: tf.fill([width, 3 * 2 * 14 * 14], 0.01),
    blocks: Array.from({ length: spec.layers }, () => ({
      norm1: norm(),
      norm2: norm(),
      qkv: affine(3 * width, width),
      out: affine(width, width),
      up: affine(inner, width),
      gate: spec.gatedMlp ? affine(inner, width) : null,
      down: affine(width, inner),
    })),
    mergeNorm: norm(),
    merge1: affine(4 * width, 4 * width),
    merge2: affine(spec.outSize, 4 * width),
  };
}

it.each([
  ['Qwen2-VL, a small image', base, 4, 5],
  ['Qwen2-VL, a large one, whose queries come in pieces', base, 34, 32],
  ['Qwen2.5-VL', later, 13, 17],
  ['Qwen2.5-VL, a large one', later, 34, 32],
])('%s: at most what is estimated, at least half of it', (_, spec, rows, columns) => {
  const weights = weightsOf(spec);
  const tiles = rows * columns;
  const pixels = new Float32Array(tiles * 3 * spec.imageSize ** 2).fill(0.1);
  const peak = peakDeviceBytes();
  const features = runQwen2VlTower(pixels, { rows, columns, tiles }, weights, spec);
  const most = peak.take();
  peak.stop();
  expect(features.shape).toEqual([tiles, spec.outSize]);
  const said = encodingBytes(spec, spec.layers, tiles, 1);
  expect(said / most).toBeGreaterThanOrEqual(1);
  expect(said / most).toBeLessThanOrEqual(2);
  features.dispose();
});
