/**
 * A checkpoint's own image processor, as `AutoProcessor.from_pretrained(folder)` finds it (transformers 5.23,
 * its Pillow backend): the nested one of processor_config.json before preprocessor_config.json, and the class
 * by `image_processor_type`.
 */
import { ConfigReader } from '../../core/family/config-reader.ts';
import { StudioError } from '../../core/errors.ts';
import type { Finding } from '../../core/family/pairing.ts';
import { families, type VisionLanguageSpec } from '../../core/family/families.ts';
import { contradictedSettings, imageProcessorFindings } from '../../core/reading/image-processor-config.ts';
import type { Checkpoint } from '../io/contract.ts';
import type { ImagePreprocessor } from './contract.ts';
import { deviceFamily } from './families/registry.ts';
import { refuse } from './images/settings.ts';
import { checkTokenCounts } from './images/token-counts.ts';
import { readJson } from './read-json.ts';

export interface LoadedPreprocessor extends ImagePreprocessor {
  /** What its files ask for that is not done to images here. */
  readonly findings: readonly Finding[];
}

export async function loadPreprocessor(
  checkpoint: Checkpoint,
  spec: VisionLanguageSpec,
  signal?: AbortSignal,
): Promise<LoadedPreprocessor> {
  const { label } = checkpoint;
  const marks: Finding[] = [];
  // A mark in this one is told by the text side, which reads it as well.
  const processor = await readJson(checkpoint, 'processor_config.json', signal, []);
  const stated = processor?.['image_processor'];
  const nested = stated !== undefined && stated !== null;
  const file = nested ? 'processor_config.json' : 'preprocessor_config.json';
  const beside = await readJson(checkpoint, 'preprocessor_config.json', signal, nested ? [] : marks);
  const settings = nested ? stated : beside;
  if (settings !== null) {
    const config = new ConfigReader(settings, '', `${file} of ${label}`);
    const preprocessor = createPreprocessor(settings, spec, config.file);
    const counts = processor
      ? checkTokenCounts(new ConfigReader(processor, '', `processor_config.json of ${label}`), spec)
      : [];
    return {
      ...preprocessor,
      findings: [
        ...imageProcessorFindings(label, file, config.all(), processor),
        ...(nested && beside ? contradictedSettings(label, config.all(), beside) : []),
        ...counts,
        ...marks,
      ],
    };
  }
  throw new StudioError(
    'missing',
    `${checkpoint.label} has neither preprocessor_config.json nor an image processor in processor_config.json, so its images cannot be prepared.`,
    {
      details: { file: 'preprocessor_config.json' },
    },
  );
}

/** @param file for messages */
export function createPreprocessor(
  value: unknown,
  spec: VisionLanguageSpec,
  file: string,
): ImagePreprocessor {
  const config = new ConfigReader(value, '', file);
  const family = deviceFamily(spec);
  const { processors } = family;
  // Older files say feature_extractor_type; the endings name backends.
  const type = config
    .text(
      'image_processor_type',
      config
        .text('feature_extractor_type', processors[0] ?? '')
        .replace('FeatureExtractor', 'ImageProcessor'),
    )
    .replace(/(Fast|Pil)$/, '');
  if (!processors.includes(type))
    return refuse(
      config,
      config.has('image_processor_type') ? 'image_processor_type' : 'feature_extractor_type',
      `${processors.join(', ')} for ${families[spec.family].about.name}`,
    );
  return family.createPreprocessor(config, type, spec);
}
