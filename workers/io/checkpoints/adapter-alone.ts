/** Factors of an adapter that lie among the weights of a model, or in the place of a model. */
import { StudioError } from '../../../core/errors.ts';
import { mergeFirst } from '../../../core/family/adapter-config.ts';
import type { Finding } from '../../../core/family/pairing.ts';
import { adapterStandsIn } from '../../../core/reading/other-weights.ts';

const factor =
  /(?:^|[._])(?:lora_(?:[AaBb]|up|down|embedding_[AB]|magnitude_vector|unet|te\d?)|hada_w[12]|lokr_w[12]|ia3_l)(?:[._]|$)/;

/**
 * What is said of tensors that are factors of an adapter. Throws `unsupported` where there are no others: a
 * single file can be such a thing.
 */
export function factorsAmongWeights(label: string, names: Iterable<string>): Finding[] {
  const all = [...names];
  const factors = all.filter((name) => factor.test(name));
  const [first] = factors;
  if (first === undefined) return [];
  if (factors.length === all.length)
    throw new StudioError(
      'unsupported',
      /^lora_(?:unet|te\d?)_/.test(first)
        ? `${label} holds a LoRA for image generation (${first}), which belongs to no language model.`
        : `${label} holds factors of an adapter alone (${first}), and no whole model. ${adapterStandsIn} peft saves an adapter as a folder of adapter_config.json and adapter_model.safetensors.`,
      { details: { file: label, tensor: first } },
    );
  return [
    {
      code: 'adapter-among-weights',
      severity: 'warning',
      tensors: factors,
      message: `${label} holds ${factors.length} factors of adapters among its weights, such as ${first}. They are not applied.`,
      remedy: mergeFirst,
    },
  ];
}
