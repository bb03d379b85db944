/** Idefics3 and SmolVLM: a SigLIP tower with its last norm, pixel shuffle, one linear layer without bias. */
import { towerKeys, wholeKeys } from '../config-keys/vision-keys.ts';
import type { ConfigReader } from '../config-reader.ts';
import { lacking, type CommonVisionSpec, type FamilyDescriptor, type Reading } from '../descriptor.ts';
import { readInnerText } from '../text/inner-text.ts';
import { findTextNames } from '../text/text-names.ts';
import type { TextSpec } from '../text/text-spec.ts';
import { patchGrid } from '../vision/tower-shape.ts';
import { readTower } from '../vision/vision-config.ts';
import type { FeatureSpec, VisionSpec } from '../vision/vision-spec.ts';

export interface Idefics3Spec extends CommonVisionSpec<'idefics3'> {
  readonly vision: VisionSpec;
  readonly features: FeatureSpec;
  /** factor² neighbouring rows side by side, one linear layer without bias. */
  readonly connector: { readonly kind: 'pixel-shuffle'; readonly factor: number };
}

export const idefics3: FamilyDescriptor<Idefics3Spec> = {
  architectures: {
    Idefics3ForConditionalGeneration: 'idefics3',
    SmolVLMForConditionalGeneration: 'smolvlm',
  },
  textModule: 'model.text_model',
  keys: { whole: wholeKeys.idefics3, tower: () => towerKeys.idefics3 },
  read,
  about: {
    name: 'Idefics3, SmolVLM, SmolVLM2',
    tower: 'SigLIP, with its last norm',
    connector: 'pixel shuffle, one linear layer',
    image: 'one tile, or a grid of tiles and the whole image',
  },
};

function read(config: ConfigReader, architecture: string, names: ReadonlySet<string>): Reading<Idefics3Spec> {
  // A text config that is missing altogether gets this epsilon from Idefics3Config; one that is there gets
  // LlamaConfig's.
  const inner = readInnerText(config, 'llama', config.has('text_config') ? {} : { rmsNormEps: 1e-5 });
  if ('reason' in inner) return inner;
  // The head belongs to the outer model: its flag counts, not that of text_config.
  const text: TextSpec = { ...inner, tiedEmbeddings: config.flag('tie_word_embeddings', false) };
  const vision = readTower(config.nested('vision_config'), 'idefics3');
  if ('reason' in vision) return vision;
  const factor = config.whole('scale_factor', 2, [1, 64]);
  const grid = patchGrid(vision);
  if (grid % factor !== 0)
    return { reason: `its ${grid} × ${grid} patches do not divide into groups of ${factor} × ${factor}` };

  const found = findTextNames(['model.text_model.'], names, text.tiedEmbeddings);
  const connector = 'model.connector.';
  if ('reason' in found) return found;
  const missing = [
    `${connector}modality_projection.proj.weight`,
    'model.vision_model.embeddings.patch_embedding.weight',
  ].find((name) => !names.has(name));
  if (missing !== undefined) return lacking(missing);
  return {
    kind: 'vlm',
    family: 'idefics3',
    architecture,
    text,
    vision,
    blocks: vision.layers,
    features: { layers: [vision.layers], finalNorm: true, dropFirst: false },
    connector: { kind: 'pixel-shuffle', factor },
    tokensPerTile: (grid / factor) ** 2,
    imageTokenId: config.whole('image_token_id', 128_257, [0, 2 ** 24]),
    names: { ...found, vision: 'model.vision_model.', connector },
  };
}
