/**
 * What a family of vision-language models is on the device: how its images are prepared, what stands for one
 * in a prompt, and its tower with what follows it. One folder a family, one line in registry.ts; what its
 * config.json says is in core/family/<family>/.
 */
import type { ConfigReader } from '../../../core/family/config-reader.ts';
import type { ImageLayout, ImagePreprocessor, VisionModel } from '../contract.ts';
import type { TensorLoader } from '../tensor-loader.ts';

export interface DeviceFamily<Spec> {
  /**
   * `image_processor_type`s that are computed, without the endings that name backends; the first is the
   * family's where a config names none (IMAGE_PROCESSOR_MAPPING of transformers).
   */
  readonly processors: readonly string[];
  /** @param type one of `processors`; a setting that is not computed is a StudioError that names it */
  createPreprocessor(config: ConfigReader, type: string, spec: Spec): ImagePreprocessor;
  /** @param tokens `*_token` entries of the tokenizer's configuration, by name */
  expansion(spec: Spec, image: string, tokens: Readonly<Record<string, string>>): Expansion;
  /** Tower and connector; what the loader brought is the caller's to give back. */
  loadEyes(loader: TensorLoader, spec: Spec): Promise<Eyes>;
}

/** As each family's processor in transformers writes it (`replace_image_token`). */
export interface Expansion {
  /** Words that must be tokens for the family's prompts to be what the model was trained on. */
  readonly words: readonly string[];
  /** Words of the vocabulary that stand for what is not computed (videos), which a prompt may not ask for. */
  readonly refused?: readonly { readonly word: string; readonly what: string }[];
  /** What takes the place of an image's placeholder in a rendered prompt. */
  write(layout: ImageLayout | undefined): string;
}

export type Eyes = Omit<VisionModel, 'dispose'>;
