/**
 * The Llama decoder (also Qwen2, which has biases on q, k and v, and Qwen3, which norms them per head), one
 * layer at a time, on rows [R, D]:
 *   x += o(attend(q, k, v)) of RMSNorm(x);  x += down(silu(gate) ⊙ up) of RMSNorm(x).
 * Every function is differentiable with respect to the linear weights and to its rows.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TextSpec } from '../../core/family/text/text-spec.ts';
import type { Linears } from './contract.ts';
import { gatherRows } from './gather-rows.ts';
import { multiply } from './linear.ts';
import { rmsNorm } from './rms-norm.ts';
import type { Asked, Attend } from './sequences.ts';
import { swiglu } from './swiglu.ts';

/** What a layer has beside its merged linears; frozen. */
export interface LayerExtras {
  readonly inputNorm: tf.Tensor1D;
  readonly mlpNorm: tf.Tensor1D;
  /** [hd] each, over the width of a head before RoPE; null but in Qwen3. */
  readonly headNorms: { readonly query: tf.Tensor1D; readonly key: tf.Tensor1D } | null;
  /** By name (`self_attn.q_proj`); empty in Llama. */
  readonly biases: ReadonlyMap<string, tf.Tensor1D>;
}

export const slotId = (layer: number, name: string): string => `layers.${layer}.${name}`;

export interface LayerInput {
  readonly rows: tf.Tensor2D;
  readonly layer: number;
  readonly spec: TextSpec;
  readonly extras: LayerExtras;
  readonly linears: Linears;
  readonly attend: Attend;
  /**
   * For the last layer, most of whose rows nobody reads: the rows to compute. All are still read as keys and
   * values. Null: all.
   */
  readonly asked: Asked | null;
}

/** One layer: [R, D] → [R, D], or [P, D] of what is asked. */
export function decoderLayer(input: LayerInput): tf.Tensor2D {
  const { rows, extras, spec, attend, asked } = input;
  const normed = rmsNorm(rows, extras.inputNorm, spec.rmsNormEps);
  const project = (from: tf.Tensor2D, name: string, norm: tf.Tensor1D | undefined) => {
    // Of the first layer, q, k and v read nothing but the embedding.
    const projected = linear(from, input, `self_attn.${name}`, input.layer === 0);
    return norm ? normHeads(projected, norm, spec) : projected;
  };
  const queries = project(
    asked ? gatherRows(normed, asked.queries) : normed,
    'q_proj',
    extras.headNorms?.query,
  );
  const mixed = attend(
    queries,
    project(normed, 'k_proj', extras.headNorms?.key),
    project(normed, 'v_proj', undefined),
  );
  const [residual, attended] = asked
    ? [gatherRows(rows, asked.rows), gatherRows(mixed, asked.among)]
    : [rows, mixed];
  const middle = plus(residual, linear(attended, input, 'self_attn.o_proj'));
  return mlp(middle, input);
}

function mlp(rows: tf.Tensor2D, input: LayerInput): tf.Tensor2D {
  const normed = rmsNorm(rows, input.extras.mlpNorm, input.spec.rmsNormEps);
  const inner = swiglu(linear(normed, input, 'mlp.gate_proj'), linear(normed, input, 'mlp.up_proj'));
  return plus(rows, linear(inner, input, 'mlp.down_proj'));
}

/** a + b of one shape. tfjs's own addition would keep both for the way back, only to ask for their shapes. */
function plus(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  const operation = tf.customGrad((x, y) => ({
    value: tf.add(x as tf.Tensor, y as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => [dy, dy],
  }));
  return operation(a, b) as tf.Tensor2D;
}

/** RMSNorm of each head by itself. */
function normHeads(
  projected: tf.Tensor2D,
  weight: tf.Tensor1D,
  { headDim, rmsNormEps }: TextSpec,
): tf.Tensor2D {
  const [rows, width] = projected.shape;
  return tf.reshape(rmsNorm(tf.reshape(projected, [(rows * width) / headDim, headDim]), weight, rmsNormEps), [
    rows,
    width,
  ]);
}

/** x·Wᵀ (+ b), W [out, in]; `constant`: x depends on nothing that a gradient is asked for. */
function linear(
  x: tf.Tensor2D,
  { layer, linears, extras }: LayerInput,
  name: string,
  constant = false,
): tf.Tensor2D {
  const weight = linears.get(slotId(layer, name));
  if (!weight) throw new Error(`no weight for ${slotId(layer, name)}`);
  const product = multiply(x, weight, constant);
  const bias = extras.biases.get(name);
  return bias ? tf.add(product, bias) : product;
}
