/**
 * LLaVA: a CLIP or SigLIP tower, features before its last norm (usually of the last block but one), a linear
 * layer, activation and another.
 */
import { wholeKeys } from '../config-keys/vision-keys.ts';
import type { ConfigReader } from '../config-reader.ts';
import type { CommonVisionSpec, FamilyDescriptor, Reading } from '../descriptor.ts';
import { llavaTowerKeys, readImageToken, readLlavaParts, type LlavaParts } from './parts.ts';

export interface LlavaSpec extends CommonVisionSpec<'llava'>, LlavaParts {
  readonly vision: LlavaParts['vision'];
  readonly names: LlavaParts['names'];
}

export const llava: FamilyDescriptor<LlavaSpec> = {
  architectures: { LlavaForConditionalGeneration: 'llava' },
  textModule: 'model.language_model',
  keys: { whole: wholeKeys.llava, tower: (_, type) => llavaTowerKeys(type, 'clip') },
  read,
  about: {
    name: 'LLaVA',
    tower: 'CLIP or SigLIP, any block or several, with or without the class token',
    connector: 'linear, activation, linear',
    image: "CLIP's, LLaVA's or SigLIP's processor: one square",
  },
};

/** LlavaConfig's tower where config.json has no vision_config at all. */
const tower336 = {
  intermediateSize: 4096,
  hiddenSize: 1024,
  patchSize: 14,
  imageSize: 336,
  layers: 24,
  heads: 16,
} as const;

function read(config: ConfigReader, architecture: string, names: ReadonlySet<string>): Reading<LlavaSpec> {
  const parts = readLlavaParts(config, names, {
    text: 'llama',
    tower: 'clip',
    layer: -2,
    strategy: 'default',
    towerDefaults: config.has('vision_config') ? {} : tower336,
  });
  if ('reason' in parts) return parts;
  return {
    kind: 'vlm',
    family: 'llava',
    architecture,
    imageTokenId: readImageToken(config, 32_000),
    ...parts,
  };
}
