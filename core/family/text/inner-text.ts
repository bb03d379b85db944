/** The language model inside a vision-language model. */
import type { ConfigReader } from '../config-reader.ts';
import { readTextConfig } from './text-config.ts';
import type { TextSpec } from './text-spec.ts';
import { isTextType, type TextType } from './text-types.ts';

/** @param type of a text_config that names none */
export function readInnerText(
  config: ConfigReader,
  type: TextType,
  options: { readonly rmsNormEps?: number } = {},
): TextSpec | { readonly reason: string } {
  const nested = config.nested('text_config');
  const found = nested.text('model_type', type);
  return isTextType(found)
    ? readTextConfig(nested, found, options)
    : { reason: `its language model is of type ${found}` };
}
