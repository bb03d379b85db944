/**
 * Where `transformers` (from 4.52 on) has a linear layer of the language model, by architecture: adapters
 * name modules, and modules are not always called what the checkpoint's tensors are called.
 */
import { linearName } from './tensor-names.ts';

/**
 * `model.language_model.layers.0.self_attn.q_proj` for a tensor of LLaVA, Qwen2-VL and their kin; null for
 * what is no such layer.
 */
export function moduleName(architecture: string, tensor: string): string | null {
  const name = linearName(tensor);
  if (!name) return null;
  const part = name.id.replace(/^layers\.\d+\./, '');
  const layer = `layers.${name.layer}.${part}`;
  if (/^(?:Idefics3|SmolVLM)/.test(architecture)) return `model.text_model.${layer}`;
  if (
    /^(?:Llava|InternVL|Qwen\d+(?:_\d+)?_?VL|Gemma3|Mistral3)/.test(architecture) &&
    architecture.endsWith('ForConditionalGeneration')
  )
    return `model.language_model.${layer}`;
  return architecture.endsWith('ForCausalLM') ? `model.${layer}` : tensor.replace(/\.weight$/, '');
}
