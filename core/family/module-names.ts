/**
 * Where `transformers` (from 4.52 on) has a linear layer of the language model, by architecture: adapters
 * name modules, and modules are not always called what the checkpoint's tensors are called.
 */
import { families, familyOf } from './families.ts';
import { pairedOnly } from './paired-only.ts';
import { linearName } from './tensor-names.ts';

/**
 * `model.language_model.layers.0.self_attn.q_proj` for a tensor of LLaVA and its kin; null for what is no such
 * layer.
 */
export function moduleName(architecture: string, tensor: string): string | null {
  const name = linearName(tensor);
  if (!name) return null;
  const part = name.id.replace(/^layers\.\d+\./, '');
  const layer = `layers.${name.layer}.${part}`;
  const family = familyOf(architecture);
  const textModule = family ? families[family].textModule : pairedOnly(architecture)?.textModule;
  if (textModule) return `${textModule}.${layer}`;
  return architecture.endsWith('ForCausalLM') ? `model.${layer}` : tensor.replace(/\.weight$/, '');
}
