/**
 * What processor_config.json says of how many tokens stand for an image. transformers writes as many into the prompt,
 * and the model fails where its features are others; here they are counted from tower and connector. So a file that
 * says otherwise is refused, and not passed over (processors of transformers 5.23).
 */
import { StudioError } from '../../../core/errors.ts';
import type { ConfigReader } from '../../../core/family/config-reader.ts';
import type { VisionLanguageSpec } from '../../../core/family/families.ts';
import type { Finding } from '../../../core/family/pairing.ts';

const countKeys = {
  idefics3: 'image_seq_len',
  internvl: 'image_seq_length',
  'llava-onevision': 'num_image_tokens',
} as const;

/**
 * Throws StudioError `mismatch` with the key, and `bad-file` for what is no number. Tiles of another size than the
 * tower's are told elsewhere.
 *
 * @returns a finding where LLaVA's file leaves the count unsaid, which is no fault of the model
 */
export function checkTokenCounts(processor: ConfigReader, spec: VisionLanguageSpec): readonly Finding[] {
  const { tokensPerTile } = spec;
  const refuse = (key: string, says: string, beside = ''): never => {
    throw new StudioError(
      'mismatch',
      `${processor.file}: ${key}${beside} gives ${says} an image, but tower and connector of config.json give ${tokensPerTile} features a tile, and transformers fails where they do not agree. Take both files from one model, or correct ${key}.`,
      { details: { file: processor.file, key, value: says } },
    );
  };
  const numberOf = (key: string): number => {
    if (!processor.has(key)) processor.refuse(key, 'a whole number, or absent');
    return processor.whole(key, 0, [0, 2 ** 24]);
  };
  switch (spec.family) {
    case 'llava':
      return llavaCount(processor, spec, refuse);
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
      return [];
    default:
      spec satisfies never;
      return [];
  }
  const key = countKeys[spec.family];
  if (!processor.declares(key)) return [];
  const count = numberOf(key);
  return count === tokensPerTile ? [] : refuse(key, `${count} tokens`);
}

/**
 * transformers 4.45 and 4.46 added the class token themselves and wrote no num_additional_image_tokens, and early
 * processors were saved with nulls: what is not said may be anything that agrees. 5.23 takes a missing number for 0
 * and a missing strategy for all features, and fails at the other nulls.
 */
function llavaCount(
  processor: ConfigReader,
  { vision, features, tokensPerTile }: Extract<VisionLanguageSpec, { readonly family: 'llava' }>,
  refuse: (key: string, says: string, beside: string) => never,
): readonly Finding[] {
  const [size, more, strategy] = [
    'patch_size',
    'num_additional_image_tokens',
    'vision_feature_select_strategy',
  ] as const;
  const unsaid = [size, more, strategy].filter((key) => !processor.has(key));
  const patch = processor.whole(size, vision.patchSize);
  const added = processor.has(more) ? [processor.whole(more, 0, [0, 2 ** 24])] : [0, 1];
  const left = processor.has(strategy) ? [processor.raw(strategy) === 'default' ? 1 : 0] : [0, 1];
  const counts = added.flatMap((plus) =>
    left.map((minus) => Math.floor(vision.imageSize / patch) ** 2 + plus - minus),
  );
  const [first = 0] = counts;
  if (!counts.includes(tokensPerTile))
    return refuse(size, `${first} tokens`, `, with ${more} and ${strategy},`);
  const fails = !processor.has(size) || (processor.declares(more) && !processor.has(more));
  if (!fails && first === tokensPerTile) return [];
  const right = `${size} ${vision.patchSize}, ${more} ${vision.classToken ? 1 : 0} and ${strategy} "${features.dropFirst ? 'default' : 'full'}"`;
  return [
    {
      code: 'image-tokens-unsaid',
      severity: 'warning',
      tensors: [],
      message: `${processor.file} does not say ${unsaid.join(' and ')}, so that transformers 5.23 cannot tell how many tokens stand for an image, and fails at one. Here ${tokensPerTile} tokens are counted from config.json.`,
      remedy: `The model is run, merged and exported all the same, and an export carries the file as it is. For transformers, write ${right} into it.`,
    },
  ];
}
