/**
 * What processor_config.json says of how many tokens stand for an image. transformers writes as many into the prompt,
 * and the model fails where its features are others; here they are counted from tower and connector. So a file that
 * says otherwise is refused, and not passed over (processors of transformers 5.23).
 */
import { StudioError } from '../../../core/errors.ts';
import type { ConfigReader } from '../../../core/family/config-reader.ts';
import type { VisionLanguageSpec } from '../../../core/family/families.ts';

const countKeys = {
  idefics3: 'image_seq_len',
  internvl: 'image_seq_length',
  'llava-onevision': 'num_image_tokens',
} as const;

/**
 * Throws StudioError `mismatch` with the key, and `bad-file` for what is no number. Tiles of another size than the
 * tower's are told elsewhere.
 */
export function checkTokenCounts(processor: ConfigReader, spec: VisionLanguageSpec): void {
  const { tokensPerTile } = spec;
  const refuse = (key: string, says: string): never => {
    throw new StudioError(
      'mismatch',
      `${processor.file}: ${key} gives ${says} an image, but tower and connector of config.json give ${tokensPerTile} features a tile, and transformers fails where they do not agree. Take both files from one model, or correct ${key}.`,
      { details: { file: processor.file, key, value: says } },
    );
  };
  const numberOf = (key: string): number => {
    if (!processor.has(key)) processor.refuse(key, 'a whole number, or absent');
    return processor.whole(key, 0, [0, 2 ** 24]);
  };
  switch (spec.family) {
    case 'llava': {
      if (!processor.declares('patch_size')) return;
      const patch = numberOf('patch_size');
      if (patch === 0) processor.refuse('patch_size', 'above 0');
      const more = 'num_additional_image_tokens';
      const strategy = 'vision_feature_select_strategy';
      const count =
        Math.floor(spec.vision.imageSize / patch) ** 2 +
        (processor.declares(more) ? numberOf(more) : 0) -
        (processor.raw(strategy) === 'default' ? 1 : 0);
      if (count !== tokensPerTile) refuse(`patch_size, with ${more} and ${strategy},`, `${count} tokens`);
      return;
    }
    case 'llava-onevision': {
      if (processor.raw('vision_feature_select_strategy') === 'default')
        refuse('vision_feature_select_strategy', 'one token less than the features of');
      const aspect = processor.raw('vision_aspect_ratio');
      if (aspect !== undefined && aspect !== `anyres_max_${spec.anyResolution.maxTiles}`)
        processor.refuse(
          'vision_aspect_ratio',
          `anyres_max_${spec.anyResolution.maxTiles}, as in config.json`,
        );
      break;
    }
    case 'idefics3':
    case 'internvl':
      break;
    case 'qwen2-vl':
      return;
    default:
      spec satisfies never;
      return;
  }
  const key = countKeys[spec.family];
  if (!processor.declares(key)) return;
  const count = numberOf(key);
  if (count !== tokensPerTile) refuse(key, `${count} tokens`);
}
