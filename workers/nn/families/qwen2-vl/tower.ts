/**
 * Qwen2-VL's and Qwen2.5-VL's tower over one image, and the connector behind it. Rows are patches, the
 * mergeSize² patches of a tile one behind another. Not differentiable.
 *
 * A patch is embedded by a convolution over two frames. An image is both frames, so that one product with the
 * sum of the kernel over its frames is the same.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Qwen2VlTower } from '../../../../core/family/qwen2-vl/tower.ts';
import { activations } from '../../activations.ts';
import { applyAffine } from '../../affine.ts';
import type { ImageLayout } from '../../contract.ts';
import { patchRows } from '../../patches.ts';
import { applyNorm } from '../../vision/block.ts';
import { gatherRows } from '../../../kernels/gather-rows/gather-rows.ts';
import { attendInGroups, groupTables, type Group } from './attention.ts';
import type { Qwen2VlBlock, Qwen2VlWeights } from './load-tower.ts';
import { windowsOf } from './windows.ts';

/** Of all norms, whatever config.json says. */
const epsilon = 1e-6;

/** `pixels` [tiles, C, S, S] of one image → [tiles, D of the language model], in reading order. */
export function runQwen2VlTower(
  pixels: Float32Array,
  { rows, columns, tiles }: Pick<ImageLayout, 'rows' | 'columns' | 'tiles'>,
  weights: Qwen2VlWeights,
  spec: Qwen2VlTower,
): tf.Tensor2D {
  const { order, groups } = windowsOf({ rows, columns }, spec.window ?? Math.max(rows, columns));
  return tf.tidy(() => {
    let x = embed(pixels, order, weights.patch, spec);
    const windows = groupTables(order, columns, groups, spec);
    const whole = spec.window === null ? windows : groupTables(order, columns, [{ windows: 1, tiles }], spec);
    for (const [index, block] of weights.blocks.entries()) {
      // A block's intermediates go before the next begins.
      const before = x;
      const own = spec.fullBlocks.includes(index) ? whole : windows;
      x = tf.tidy(() => applyBlock(before, block, own, spec));
      before.dispose();
    }
    const merged: tf.Tensor2D = tf.reshape(applyNorm(x, weights.mergeNorm, epsilon), [
      tiles,
      spec.mergeSize ** 2 * spec.hiddenSize,
    ]);
    const features = applyAffine(activations.gelu(applyAffine(merged, weights.merge1)), weights.merge2);
    const back = new Int32Array(tiles);
    order.forEach((tile, at) => (back[tile] = at));
    return gatherRows(features, back);
  });
}

function embed(
  pixels: Float32Array,
  order: Int32Array,
  kernel: tf.Tensor2D,
  { channels, imageSize, patchSize, temporalPatchSize: frames, hiddenSize: width }: Qwen2VlTower,
): tf.Tensor2D {
  const size = channels * imageSize ** 2;
  const ordered = new Float32Array(pixels.length);
  order.forEach((tile, at) => ordered.set(pixels.subarray(tile * size, (tile + 1) * size), at * size));
  return tf.tidy(() => {
    const area = patchSize ** 2;
    const overFrames = tf.sum(tf.reshape(kernel, [width, channels, frames, area]), 2);
    const summed: tf.Tensor2D = tf.reshape(overFrames, [width, channels * area]);
    const patches = patchRows(ordered, order.length, channels, imageSize, patchSize);
    return tf.matMul(
      tf.tensor2d(patches, [patches.length / (channels * area), channels * area]),
      summed,
      false,
      true,
    );
  });
}

function applyBlock(
  rows: tf.Tensor2D,
  block: Qwen2VlBlock,
  groups: readonly Group[],
  spec: Qwen2VlTower,
): tf.Tensor2D {
  const { hiddenSize: width, heads } = spec;
  const projected = applyAffine(applyNorm(rows, block.norm1, epsilon), block.qkv);
  const part = (i: number): tf.Tensor2D => tf.slice(projected, [0, i * width], [-1, width]);
  const mixed = attendInGroups(part(0), part(1), part(2), groups, heads);
  const middle: tf.Tensor2D = tf.add(rows, applyAffine(mixed, block.out));
  const normed = applyNorm(middle, block.norm2, epsilon);
  const activate = activations[spec.activation];
  const up = applyAffine(normed, block.up);
  const inner: tf.Tensor2D = block.gate
    ? tf.mul(activate(applyAffine(normed, block.gate)), up)
    : activate(up);
  return tf.add(middle, applyAffine(inner, block.down));
}
