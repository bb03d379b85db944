/** Attention over sequences on the heap, there and back, as an operation that the tape knows. */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../../core/errors.ts';
import { heapAttention, heapAttentionGradient } from '../kernels/attention/heap.ts';
import type { Attend, AttentionSpec } from './pass.ts';
import type { RowTurning } from './turned-rows.ts';

/** @param constants spans and, unless rows are turned before, the tables of queries and keys */
export function attendOver(
  constants: Readonly<Record<string, tf.Tensor>>,
  turning: RowTurning | undefined,
  { heads, keyValueHeads }: AttentionSpec,
): Attend {
  const [there, back] = [heapAttention(), heapAttentionGradient()];
  if (!there || !back) throw new StudioError('internal', 'The WebAssembly heap has gone.');
  const attributes = { heads, keyHeads: keyValueHeads, causal: 1 } as const;
  const names = Object.keys(constants);
  const operation = tf.customGrad((...given) => {
    const [q, k, v, save] = given as unknown as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    // The constants are saved as well: the caller's tidy ends before the way back.
    save([q, k, v, ...Object.values(constants)]);
    return {
      value: there({ q, k, v, ...constants }, attributes)[0] as tf.Tensor,
      gradFunc: (dy: tf.Tensor, [q2, k2, v2, ...kept]: tf.Tensor[]) =>
        back(
          {
            ...Object.fromEntries(names.map((name, i) => [name, kept[i] as tf.Tensor])),
            q: q2 as tf.Tensor,
            k: k2 as tf.Tensor,
            v: v2 as tf.Tensor,
            dy,
          },
          attributes,
        ),
    };
  });
  return (q, k, v) =>
    operation(turning ? turning.query(q) : q, turning ? turning.key(k) : k, v) as tf.Tensor2D;
}
