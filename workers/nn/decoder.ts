/**
 * The Llama decoder (also Qwen2, which has biases on q, k and v, and Qwen3, which norms them per head), one layer at a time, on rows [R, D]:
 *   x += o(attend(q, k, v)) of RMSNorm(x);  x += down(silu(gate) ⊙ up) of RMSNorm(x).
 * Every function is differentiable with respect to the linear weights and to its rows.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TextSpec } from '../../src/core/family/model-spec.ts';
import type { Linears } from './contract.ts';
import { gatherRows } from './gather-rows.ts';
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

export interface LayerInput {
  readonly rows: tf.Tensor2D;
  readonly layer: number;
  readonly spec: TextSpec;
  readonly extras: LayerExtras;
  readonly linears: Linears;
  readonly attend: Attend;
  /** For the last layer, most of whose rows nobody reads: the rows to compute. All are still read as keys and values. Null: all. */
  readonly asked: Asked | null;
}

/** One layer: [R, D] → [R, D], or [P, D] of what is asked. */
export function decoderLayer(input: LayerInput): tf.Tensor2D {
  const { rows, extras, spec, attend, asked } = input;
  const normed = rmsNorm(rows, extras.inputNorm, spec.rmsNormEps);
  const project = (from: tf.Tensor2D, name: string, norm: tf.Tensor1D | undefined) => {
    const projected = linear(from, input, `self_attn.${name}`);
    return norm ? normHeads(projected, norm, spec) : projected;
  };
  const queries = project(asked ? gatherRows(normed, asked.queries) : normed, 'q_proj', extras.headNorms?.query);
  const mixed = attend(queries, project(normed, 'k_proj', extras.headNorms?.key), project(normed, 'v_proj', undefined));
  const [residual, attended] = asked ? [gatherRows(rows, asked.rows), gatherRows(mixed, asked.among)] : [rows, mixed];
  const middle: tf.Tensor2D = tf.add(residual, linear(attended, input, 'self_attn.o_proj'));
  return mlp(middle, input);
}

function mlp(rows: tf.Tensor2D, input: LayerInput): tf.Tensor2D {
  const normed = rmsNorm(rows, input.extras.mlpNorm, input.spec.rmsNormEps);
  const inner = swiglu(linear(normed, input, 'mlp.gate_proj'), linear(normed, input, 'mlp.up_proj'));
  return tf.add(rows, linear(inner, input, 'mlp.down_proj'));
}

/** RMSNorm of each head by itself. */
function normHeads(projected: tf.Tensor2D, weight: tf.Tensor1D, { headDim, rmsNormEps }: TextSpec): tf.Tensor2D {
  const [rows, width] = projected.shape;
  return tf.reshape(rmsNorm(tf.reshape(projected, [(rows * width) / headDim, headDim]), weight, rmsNormEps), [rows, width]);
}

/** x·Wᵀ (+ b), W [out, in]. */
function linear(x: tf.Tensor2D, { layer, linears, extras }: LayerInput, name: string): tf.Tensor2D {
  const weight = linears.get(`layers.${layer}.${name}`);
  if (!weight) throw new Error(`no weight for layers.${layer}.${name}`);
  const product: tf.Tensor2D = tf.matMul(x, weight, false, true);
  const bias = extras.biases.get(name);
  return bias ? tf.add(product, bias) : product;
}
