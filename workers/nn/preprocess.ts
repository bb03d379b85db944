/**
 * A checkpoint's own image processor, as `AutoProcessor.from_pretrained(folder)` finds it (transformers 5.23,
 * its Pillow backend): the nested one of processor_config.json before preprocessor_config.json, and the class
 * by `image_processor_type`.
 */
import { ConfigReader } from '../../core/family/config-reader.ts';
import { StudioError } from '../../core/errors.ts';
import type { VisionLanguageSpec } from '../../core/family/model-spec.ts';
import { patchGrid } from '../../core/family/vision-config.ts';
import type { Checkpoint } from '../io/contract.ts';
import type { ImagePreprocessor } from './contract.ts';
import { createAnyResolution } from './images/any-resolution.ts';
import { createDynamicTiles } from './images/dynamic-tiles.ts';
import { createIdefics3 } from './images/idefics3.ts';
import { refuse } from './images/settings.ts';
import { createSingle } from './images/single.ts';
import { readJson } from './read-json.ts';

type EyesSpec = Pick<VisionLanguageSpec, 'family' | 'tokensPerTile' | 'anyResolution' | 'vision'>;

export async function loadPreprocessor(
  checkpoint: Checkpoint,
  spec: EyesSpec,
  signal?: AbortSignal,
): Promise<ImagePreprocessor> {
  const nested = (await readJson(checkpoint, 'processor_config.json', signal))?.['image_processor'];
  if (nested !== undefined && nested !== null)
    return createPreprocessor(nested, spec, `processor_config.json of ${checkpoint.label}`);
  const own = await readJson(checkpoint, 'preprocessor_config.json', signal);
  if (own) return createPreprocessor(own, spec, `preprocessor_config.json of ${checkpoint.label}`);
  throw new StudioError(
    'missing',
    `${checkpoint.label} has neither preprocessor_config.json nor an image processor in processor_config.json, so its images cannot be prepared.`,
    {
      details: { file: 'preprocessor_config.json' },
    },
  );
}

/** What each family's processor class is where the config names none (IMAGE_PROCESSOR_MAPPING). */
const usual: Readonly<Record<VisionLanguageSpec['family'], string>> = {
  idefics3: 'Idefics3ImageProcessor',
  llava: 'LlavaImageProcessor',
  'llava-onevision': 'LlavaOnevisionImageProcessor',
  internvl: 'GotOcr2ImageProcessor',
};

/** @param file for messages */
export function createPreprocessor(value: unknown, spec: EyesSpec, file: string): ImagePreprocessor {
  const config = new ConfigReader(value, '', file);
  // Older files say feature_extractor_type; the endings name backends.
  const type = config
    .text(
      'image_processor_type',
      config.text('feature_extractor_type', usual[spec.family]).replace('FeatureExtractor', 'ImageProcessor'),
    )
    .replace(/(Fast|Pil)$/, '');
  const wanted = (types: string): never =>
    refuse(
      config,
      config.has('image_processor_type') ? 'image_processor_type' : 'feature_extractor_type',
      types,
    );
  switch (spec.family) {
    case 'idefics3':
      return type === 'Idefics3ImageProcessor' || type === 'SmolVLMImageProcessor'
        ? createIdefics3(config, spec.tokensPerTile)
        : wanted('Idefics3ImageProcessor for Idefics3 and SmolVLM');
    case 'llava': {
      const kind = /^(CLIP|Llava|Siglip)ImageProcessor$/.exec(type)?.[1] as
        'CLIP' | 'Llava' | 'Siglip' | undefined;
      return kind
        ? createSingle(config, kind, spec.tokensPerTile)
        : wanted('CLIPImageProcessor, LlavaImageProcessor and SiglipImageProcessor for LLaVA');
    }
    case 'llava-onevision':
      if (!spec.anyResolution || type !== 'LlavaOnevisionImageProcessor')
        return wanted('LlavaOnevisionImageProcessor for LLaVA-OneVision');
      return createAnyResolution(config, spec.anyResolution, patchGrid(spec.vision));
    case 'internvl':
      return type === 'GotOcr2ImageProcessor'
        ? createDynamicTiles(config, spec.tokensPerTile)
        : wanted('GotOcr2ImageProcessor for InternVL');
    default:
      throw spec.family satisfies never;
  }
}
