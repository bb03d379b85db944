/**
 * preprocessor_config.json and processor_config.json: how a model wants its images. The keys are those that the image
 * processors and processors of transformers 5.23 take for the families that are run here.
 */
import type { Finding } from '../family/pairing.ts';
import { isRecord } from '../records.ts';
import { namedKeys, unheededKeys } from './name-keys.ts';
import { harmless, named, used, type ReadRules } from './rules.ts';

const kind = used('which image processor prepares the images');
const colours = used('what is taken from each colour, and what it is divided by');
const grid = used('it must agree with the vision tower');
const tiles = used('how many tiles an image is cut into');
const about = harmless('it says what made or reads the file');
const calls = harmless('how a call returns the pixels, not what they are');
const counted = harmless('the number of image tokens follows from config.json');
const agreeing = used(
  'where the family’s processor takes it: the number of image tokens, which must agree with config.json',
);
const agreeingOrUnsaid = used(
  'the number of LLaVA’s image tokens, which must agree with config.json; what is not said is taken from there, and a finding says so',
);
const word = harmless('config.json says which token stands for an image');
const moving = harmless('images are prepared without it; videos and sound are not read');
const code = named('it names code of the folder, which is not run here');

export const imageProcessorRules: ReadRules = {
  file: 'preprocessor_config.json',
  about:
    'How images are prepared. A null switches off what begins with do_, and is refused for what a switch that is on needs. The same keys stand in `image_processor` of processor_config.json, which counts where it is there. A key that the processor of a model’s own family does not take changes nothing, in transformers either.',
  keys: {
    ...{ image_processor_type: kind, feature_extractor_type: kind },
    do_resize: used('whether images get another size'),
    size: used('the size that they get'),
    default_to_square: used('what a size that is one number means'),
    resample: used('the filter; Lanczos, bilinear or bicubic'),
    ...{ do_center_crop: used('whether the middle is cut out'), crop_size: used('how much of the middle') },
    do_pad: used('whether LLaVA’s images are made square first; elsewhere one image alone needs no padding'),
    ...{ do_rescale: used('whether pixels are scaled'), rescale_factor: used('by what') },
    do_normalize: used('whether pixels are normalised'),
    ...{ image_mean: colours, image_std: colours },
    do_image_splitting: used('whether an image is cut into tiles'),
    max_image_size: used('the size of a tile'),
    image_grid_pinpoints: used('the sizes that an image is fitted into; config.json must have the same'),
    ...{ min_patches: tiles, max_patches: tiles },
    ...{ min_pixels: used('the least pixels of an image'), max_pixels: used('the most pixels of an image') },
    ...{ patch_size: grid, merge_size: grid, temporal_patch_size: grid },
    do_convert_rgb: harmless('images always have three colours here'),
    crop_to_patches: harmless('InternVL’s processor always cuts an image into tiles'),
    ...{ image_seq_len: counted, image_seq_length: counted },
    ...{ processor_class: about, _processor_class: about, _valid_processor_keys: about },
    ...{ transformers_version: about },
    ...{ data_format: calls, input_data_format: calls, return_tensors: calls, device: calls },
    ...{ disable_grouping: calls, return_row_col_info: calls },
    video_sampling: moving,
    pad_size: named('prepared images are padded to it'),
    auto_map: code,
  },
  others: named('what it does is not known here', false),
};

const size = used('a size, as far as the model’s own processor takes it');

export const imageSizeRules: ReadRules = {
  file: 'preprocessor_config.json: size, crop_size, max_image_size',
  about: 'A size that images get.',
  keys: { height: size, width: size, shortest_edge: size, longest_edge: size },
  others: named('images are not given a size by it here'),
};

export const processorRules: ReadRules = {
  file: 'processor_config.json',
  about: 'What holds image processor and tokenizer of a vision-language model together.',
  keys: {
    image_processor: used('how images are prepared; it counts before preprocessor_config.json'),
    chat_template: used('it counts before all other chat templates'),
    ...{ image_seq_len: agreeing, image_seq_length: agreeing, num_image_tokens: agreeing },
    ...{ patch_size: agreeingOrUnsaid, num_additional_image_tokens: agreeingOrUnsaid },
    ...{ vision_feature_select_strategy: agreeing, vision_aspect_ratio: agreeing },
    ...{ image_token: word, video_token: word },
    ...{ video_processor: moving, audio_processor: moving, feature_extractor: moving, num_frames: moving },
    ...{ processor_class: about, transformers_version: about },
    auto_map: code,
  },
  others: named('what it does is not known here', false),
};

type Json = Readonly<Record<string, unknown>>;

/** @param processor processor_config.json as it was read, or null where there is none */
export function imageProcessorFindings(
  label: string,
  file: string,
  config: Json,
  processor: Json | null,
): Finding[] {
  const remedy =
    'The image may reach the model otherwise than in training, and answers about it may be wrong here. Take the settings out of the file if they are not meant.';
  const prepared = [
    ...unheededKeys(imageProcessorRules, config),
    ...['size', 'crop_size', 'max_image_size'].flatMap((key) => {
      const value = Object.hasOwn(config, key) ? config[key] : undefined;
      return isRecord(value) ? unheededKeys(imageSizeRules, value, `${key}.`) : [];
    }),
  ];
  const around = processor ? unheededKeys(processorRules, processor) : [];
  return [
    ...namedKeys('image-processor-not-heeded', `${file} of ${label}`, 'the preparation of images here does', prepared, remedy), // prettier-ignore
    ...namedKeys('processor-config-not-heeded', `processor_config.json of ${label}`, 'the preparation of prompts and images here does', around, remedy), // prettier-ignore
  ];
}

/** Where both files are there, transformers reads the nested settings alone. */
export function contradictedSettings(label: string, nested: Json, beside: Json): Finding[] {
  const differ = Object.keys(beside).filter(
    (key) => Object.hasOwn(nested, key) && JSON.stringify(nested[key]) !== JSON.stringify(beside[key]),
  );
  if (differ.length === 0) return [];
  return [
    {
      code: 'image-processor-contradicted',
      severity: 'warning',
      tensors: [],
      message: `preprocessor_config.json of ${label} says otherwise than the image_processor in processor_config.json, which counts: ${differ.map((key) => key.slice(0, 80)).join(', ')}.`,
      remedy: 'Remove the file that is out of date, so that every program prepares images alike.',
    },
  ];
}
