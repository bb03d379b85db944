/** The language model inside a vision-language model. */
import type { ConfigReader } from '../config-reader.ts';
import type { TextSpec } from '../model-spec.ts';
import { readTextConfig } from '../text-config.ts';
import type { Reading } from '../vision-config.ts';

/** @param type of a text_config that names none */
export function readVlmText(
  config: ConfigReader,
  type: TextSpec['family'],
  options: { readonly rmsNormEps?: number } = {},
): Reading<TextSpec> {
  const nested = config.nested('text_config');
  const found = nested.text('model_type', type);
  if (found !== 'llama' && found !== 'qwen2' && found !== 'qwen3')
    return { reason: `its language model is of type ${found}` };
  const reading = readTextConfig(nested, found, options);
  return reading.ok ? reading.text : { reason: reading.reason };
}
