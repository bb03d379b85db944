/**
 * Between rows [B·T, H·hd], as linear layers make them, and heads [B, H, T, hd], as attention reads them;
 * with rotary position embedding on the way, as it touches the same numbers: y = x ⊙ cos + swap(x) ⊙ sin,
 * swap exchanging the halves of a head.
 *
 * Plain tfjs operations (a transpose, two slices, a concatenation and arithmetic) everywhere but on wasm,
 * whose slice and transpose are slow: there one loop over the heap (wasm.ts).
 */
import * as tf from '@tensorflow/tfjs-core';
import { joinKernel, registerWasmHeads, splitKernel } from './wasm.ts';

/** Shapes [B, 1, T, hd], or [1, 1, T, hd] for all rows alike. `sin` carries the sign of the exchange. */
export interface RotaryTable {
  readonly cos: tf.Tensor4D;
  readonly sin: tf.Tensor4D;
}

/** [B·T, H·hd] → [B, H, T, hd], rotated where a table is given; differentiable. */
export function splitHeads(
  x: tf.Tensor2D,
  batch: number,
  heads: number,
  rotation: RotaryTable | null,
): tf.Tensor4D {
  const operation = tf.customGrad((input, save) => {
    // Saved, because the caller may dispose the table before the backward pass.
    (save as tf.GradSaveFunc)(rotation ? [rotation.cos, rotation.sin] : []);
    return {
      value: split(input as tf.Tensor2D, batch, heads, rotation),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [cos, sin] = saved as [tf.Tensor4D?, tf.Tensor4D?];
        return join(dy as tf.Tensor4D, cos && sin ? { cos, sin } : null);
      },
    };
  });
  return operation(x) as tf.Tensor4D;
}

/** [B, H, T, hd] → [B·T, H·hd]; differentiable. */
export function joinHeads(x: tf.Tensor4D): tf.Tensor2D {
  const [batch, heads] = x.shape;
  const operation = tf.customGrad((input) => ({
    value: join(input as tf.Tensor4D, null),
    gradFunc: (dy: tf.Tensor) => split(dy as tf.Tensor2D, batch, heads, null),
  }));
  return operation(x) as tf.Tensor2D;
}

function split(x: tf.Tensor2D, batch: number, heads: number, rotation: RotaryTable | null): tf.Tensor4D {
  const [rows, width] = x.shape;
  if (onWasm())
    return tf.engine().runKernel(splitKernel, { x, ...rotation }, { batch, heads }) as tf.Tensor4D;
  const turned: tf.Tensor4D = tf.transpose(
    tf.reshape(x, [batch, rows / batch, heads, width / heads]),
    [0, 2, 1, 3],
  );
  return rotation ? tf.add(tf.mul(turned, rotation.cos), tf.mul(swapHalves(turned), rotation.sin)) : turned;
}

/** With a rotation: the transpose of that in `split`, which is its gradient. */
function join(x: tf.Tensor4D, rotation: RotaryTable | null): tf.Tensor2D {
  const [batch, heads, columns, width] = x.shape;
  if (onWasm()) return tf.engine().runKernel(joinKernel, { x, ...rotation }) as tf.Tensor2D;
  const plain: tf.Tensor4D = rotation
    ? tf.add(tf.mul(x, rotation.cos), swapHalves(tf.mul(x, rotation.sin)))
    : x;
  return tf.reshape(tf.transpose(plain, [0, 2, 1, 3]), [batch * columns, heads * width]);
}

function onWasm(): boolean {
  if (tf.getBackend() !== 'wasm') return false;
  registerWasmHeads();
  return true;
}

function swapHalves(x: tf.Tensor4D): tf.Tensor4D {
  const [batch, heads, columns, width] = x.shape;
  const size: [number, number, number, number] = [batch, heads, columns, width / 2];
  return tf.concat([tf.slice(x, [0, 0, 0, width / 2], size), tf.slice(x, [0, 0, 0, 0], size)], 3);
}
