/** Idefics3's and InternVL's connectors both begin with this; their orders are the same. */
import * as tf from '@tensorflow/tfjs-core';

/**
 * factor × factor neighbouring patches become one row, out[i, j, (di·s + dj)·C + c] = in[i·s + di, j·s + dj,
 * c]. [N·side², C] → [N·(side/s)², C·s²]. Idefics3's and InternVL's orders are the same.
 */
export function pixelShuffle(x: tf.Tensor2D, count: number, side: number, factor: number): tf.Tensor2D {
  const width = x.shape[1];
  const small = side / factor;
  const blocks = tf.reshape(x, [count * small, factor, small, factor * width]);
  return tf.reshape(tf.transpose(blocks, [0, 2, 1, 3]), [count * small * small, factor * factor * width]);
}
