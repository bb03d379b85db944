/**
 * A vision tower from its weights: patches, positions, blocks, and the states that become features. Not
 * differentiable.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { FeatureSpec, VisionSpec } from '../../../core/family/vision/vision-spec.ts';
import { patchGrid, towerRows } from '../../../core/family/vision/tower-shape.ts';
import { applyAffine, type Affine } from '../affine.ts';
import { patchRows } from '../patches.ts';
import { applyBlock, applyNorm, type Block, type Norm } from './block.ts';

export interface TowerWeights {
  readonly patch: Affine;
  /** [1, width], the first row of every image; null in SigLIP. */
  readonly classToken: tf.Tensor2D | null;
  /** [rows, width] */
  readonly positions: tf.Tensor2D | null;
  /** Before the first block; CLIP only. */
  readonly preNorm: Norm | null;
  readonly blocks: readonly Block[];
  /** After the last block, where the features are taken through it. */
  readonly finalNorm: Norm | null;
}

/** `pixels` [N, C, S, S] → [N·T, width · states], T rows an image (one fewer without the first). */
export function runTower(
  pixels: Float32Array,
  count: number,
  weights: TowerWeights,
  spec: VisionSpec,
  features: FeatureSpec,
): tf.Tensor2D {
  const last = Math.max(...features.layers);
  return tf.tidy(() => {
    const states = new Map<number, tf.Tensor2D>();
    let rows = embed(pixels, count, weights, spec);
    for (let done = 0; ; done++) {
      if (features.layers.includes(done))
        states.set(done, takeState(rows, done, count, weights, spec, features));
      if (done === last) break;
      const block = weights.blocks[done];
      if (!block) throw new Error(`a tower of ${weights.blocks.length} blocks has no state ${last}`);
      // A block's intermediates go before the next begins: a tower of 27 layers would hold them all.
      const before = rows;
      rows = tf.tidy(() => applyBlock(before, block, count, spec));
      before.dispose();
    }
    const chosen = features.layers.map((layer) => states.get(layer) as tf.Tensor2D);
    return chosen.length === 1 ? (chosen[0] as tf.Tensor2D) : tf.concat(chosen, 1);
  });
}

function embed(
  pixels: Float32Array,
  count: number,
  { patch, classToken, positions, preNorm }: TowerWeights,
  spec: VisionSpec,
): tf.Tensor2D {
  const { channels, imageSize, patchSize, hiddenSize: width } = spec;
  const patches = patchGrid(spec) ** 2;
  return tf.tidy(() => {
    const seen = tf.tensor2d(patchRows(pixels, count, channels, imageSize, patchSize), [
      count * patches,
      channels * patchSize * patchSize,
    ]);
    const embedded = tf.reshape(applyAffine(seen, patch), [count, patches, width]);
    const whole = classToken
      ? tf.concat([tf.tile(tf.reshape(classToken, [1, 1, width]), [count, 1, 1]), embedded], 1)
      : embedded;
    const placed = positions ? tf.add(whole, positions) : whole;
    const rows = tf.reshape(placed, [count * towerRows(spec), width]) as tf.Tensor2D;
    return preNorm ? applyNorm(rows, preNorm, spec.layerNormEps) : rows;
  });
}

/** Always a tensor of its own: `rows` goes when the next block is done. */
function takeState(
  rows: tf.Tensor2D,
  done: number,
  count: number,
  { finalNorm }: TowerWeights,
  spec: VisionSpec,
  { dropFirst }: FeatureSpec,
): tf.Tensor2D {
  return tf.tidy(() => {
    const normed =
      finalNorm && done === spec.layers ? applyNorm(rows, finalNorm, spec.layerNormEps) : tf.clone(rows);
    if (!dropFirst) return normed;
    const [perImage, width] = [rows.shape[0] / count, rows.shape[1]];
    const kept = tf.slice(
      tf.reshape(normed, [count, perImage, width]),
      [0, 1, 0],
      [count, perImage - 1, width],
    );
    return tf.reshape(kept, [count * (perImage - 1), width]);
  });
}
