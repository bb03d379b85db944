/**
 * Between rows [B·T, H·hd], as linear layers make them, and heads [B, H, T, hd], as attention reads them;
 * with rotary position embedding on the way, as it touches the same numbers: y = x ⊙ cos + swap(x) ⊙ sin,
 * swap exchanging the halves of a head.
 *
 * tfjs's own operations (tfjs.ts) everywhere but on wasm, whose slice and transpose are slow: there one loop over
 * the heap (heap.ts).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { RotaryTable } from './contract.ts';
import { joinKernel, registerWasmHeads, splitKernel } from './heap.ts';
import { joinByTfjs, splitByTfjs } from './tfjs.ts';

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
  return onWasm()
    ? (tf.engine().runKernel(splitKernel, { x, ...rotation }, { batch, heads }) as tf.Tensor4D)
    : splitByTfjs(x, batch, heads, rotation);
}

/** With a rotation: the transpose of that in `split`, which is its gradient. */
function join(x: tf.Tensor4D, rotation: RotaryTable | null): tf.Tensor2D {
  return onWasm()
    ? (tf.engine().runKernel(joinKernel, { x, ...rotation }) as tf.Tensor2D)
    : joinByTfjs(x, rotation);
}

function onWasm(): boolean {
  if (tf.getBackend() !== 'wasm') return false;
  registerWasmHeads();
  return true;
}
