/** A language model of the usual kind by its config.json and the names of its tensors, for comparing. */
import { readModelSpec } from '../read-spec.ts';
import type { PairedModel } from '../trio.ts';

export type Config = Readonly<Record<string, unknown>>;

export const llama: Config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  rms_norm_eps: 1e-5,
};

export const llamaNames: readonly string[] = [
  'model.embed_tokens.weight',
  'model.norm.weight',
  'model.layers.0.self_attn.q_proj.weight',
  'lm_head.weight',
];

export const modelOf = (
  label: string,
  config: Config = llama,
  names: readonly string[] = llamaNames,
): PairedModel => ({ label, config, spec: readModelSpec(config, names), tensors: new Map() });
