/** Idefics3 and SmolVLM: a SigLIP tower with its last norm, pixel shuffle, one linear layer without bias. */
import type { ConfigReader } from '../config-reader.ts';
import type { TextSpec, VisionLanguageSpec } from '../model-spec.ts';
import { findTextNames } from '../text-names.ts';
import { patchGrid, readTower, type Reading } from '../vision-config.ts';
import { readVlmText } from './vlm-text.ts';

export function readIdefics3(
  config: ConfigReader,
  architecture: string,
  names: ReadonlySet<string>,
): Reading<VisionLanguageSpec> {
  // A text config that is missing altogether gets this epsilon from Idefics3Config; one that is there gets
  // LlamaConfig's.
  const inner = readVlmText(config, 'llama', config.has('text_config') ? {} : { rmsNormEps: 1e-5 });
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
  const missing =
    'missing' in found
      ? found.missing
      : [
          `${connector}modality_projection.proj.weight`,
          'model.vision_model.embeddings.patch_embedding.weight',
        ].find((name) => !names.has(name));
  if ('missing' in found || missing !== undefined) return { reason: `it has no tensor ${missing}` };
  return {
    kind: 'vlm',
    family: 'idefics3',
    architecture,
    text,
    vision,
    features: { layers: [vision.layers], finalNorm: true, dropFirst: false },
    connector: { kind: 'pixel-shuffle', factor },
    tokensPerTile: (grid / factor) ** 2,
    anyResolution: null,
    imageTokenId: config.whole('image_token_id', 128_257, [0, 2 ** 24]),
    names: { ...found, vision: 'model.vision_model.', connector, newline: null },
  };
}
