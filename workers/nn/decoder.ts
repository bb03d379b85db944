/**
 * The Llama decoder (also Qwen2, which has biases on q, k and v, and Qwen3, which norms them per head), one layer at a time, on rows [B·T, D]:
 *   x += o(attend(rope(q), rope(k), v)) of RMSNorm(x);  x += down(silu(gate) ⊙ up) of RMSNorm(x).
 * Every function is differentiable with respect to the linear weights and to its rows.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TextSpec } from '../../src/core/family/model-spec.ts';
import { joinHeads, splitHeads, type RotaryTable } from '../kernels/heads/heads.ts';
import { attend } from './attention.ts';
import type { Linears } from './contract.ts';
import { gatherRows } from './gather-rows.ts';
import { rmsNorm } from './rms-norm.ts';
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

/** What attention needs to know of the batch, made once for all layers. */
export interface AttentionPlan {
  readonly batch: number;
  /** Scaled by hd^−½, so that scores need no scaling. */
  readonly queryRotation: RotaryTable;
  readonly keyRotation: RotaryTable;
  readonly mask: tf.Tensor4D | null;
}

/** Keys and values of the columns so far, [B, KV, T, hd], keys rotated. */
export interface LayerCache {
  readonly keys: tf.Tensor4D;
  readonly values: tf.Tensor4D;
}

export interface LayerInput {
  readonly rows: tf.Tensor2D;
  readonly layer: number;
  readonly spec: TextSpec;
  readonly extras: LayerExtras;
  readonly linears: Linears;
  readonly plan: AttentionPlan;
}

/**
 * One layer. With `past`, the rows are new columns behind it. With `chosen`, only these rows of the result are computed, in that order
 * (all rows are still read as keys and values): for the last layer, whose other rows nobody reads.
 */
export function decoderLayer(input: LayerInput, past: LayerCache | null, chosen: Int32Array | null): { rows: tf.Tensor2D; cache: LayerCache } {
  const { rows, extras, spec, plan } = input;
  const normed = rmsNorm(rows, extras.inputNorm, spec.rmsNormEps);
  const project = (name: string, heads: number, norm: tf.Tensor1D | undefined, rotation: RotaryTable | null) => {
    const projected = linear(normed, input, `self_attn.${name}`);
    return splitHeads(norm ? normHeads(projected, norm, spec) : projected, plan.batch, heads, rotation);
  };
  const queries = project('q_proj', spec.heads, extras.headNorms?.query, plan.queryRotation);
  const newKeys = project('k_proj', spec.keyValueHeads, extras.headNorms?.key, plan.keyRotation);
  const newValues = project('v_proj', spec.keyValueHeads, undefined, null);
  const keys = past ? tf.concat([past.keys, newKeys], 2) : newKeys;
  const values = past ? tf.concat([past.values, newValues], 2) : newValues;

  const mixed = joinHeads(attend(queries, keys, values, plan.mask));
  const [residual, attended] = chosen ? [gatherRows(rows, chosen), gatherRows(mixed, chosen)] : [rows, mixed];
  const middle: tf.Tensor2D = tf.add(residual, linear(attended, input, 'self_attn.o_proj'));
  return { rows: mlp(middle, input), cache: { keys, values } };
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
