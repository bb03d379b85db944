/**
 * What to say of a folder that holds no weights that are read, by the names of its files: which file was found in
 * their place, why it is not read, and what to do.
 */

interface OtherWeights {
  readonly fits: RegExp;
  /** What is asked for where a folder cannot be listed. */
  readonly usual: readonly string[];
  /** What the file is, after “which is”. */
  readonly what: string;
  readonly remedy: string;
}

const save = (options: string, more = ''): string =>
  `Convert it with transformers: AutoModelForCausalLM.from_pretrained(FOLDER${options}).save_pretrained(OUT, safe_serialization=True), or with the model's own class where it can see${more}.`;

export const ownLayout = (whose: string, how: string) =>
  `in ${whose} own layout, whose tensors have other names than those of transformers. Download the weights for transformers of the same model (model.safetensors or its shards), or convert them with ${how}`;

/** Where an adapter of PEFT can go. */
export const adapterStandsIn =
  'An adapter is read on top of the model that it was trained on: it may stand in for the reasoning model (LRM) when that model is given as base. As base or VLM, merge it into its base model with peft first (merge_and_unload), and choose the result.';

/** The first that fits is what a folder is said to hold. */
const others: readonly OtherWeights[] = [
  {
    fits: /^adapter_model\.safetensors$/,
    usual: ['adapter_model.safetensors'],
    what: 'a LoRA adapter and no whole model',
    remedy: adapterStandsIn,
  },
  {
    fits: /^adapter_model\.\w+$/,
    usual: ['adapter_model.bin'],
    what: 'an adapter in pickled form, which can run code when it is opened',
    remedy:
      'Load it with peft and save it again with save_pretrained, which writes adapter_model.safetensors. Do it only with weights whose origin you trust.',
  },
  {
    fits: /^adapters\.(?:safetensors|npz)$/,
    usual: ['adapters.safetensors'],
    what: 'an adapter of mlx-lm, whose factors have other names and are stored transposed',
    remedy: 'Write it into its model with mlx_lm.fuse, and open the result.',
  },
  {
    fits: /^pytorch_lora_weights.*\.(?:safetensors|bin)$/,
    usual: ['pytorch_lora_weights.safetensors'],
    what: 'a LoRA of diffusers, for image generation',
    remedy: 'It belongs to no language model.',
  },
  {
    fits: /^adapter_config\.json$/,
    usual: ['adapter_config.json'],
    what: 'the configuration of an adapter whose weights are missing',
    remedy: 'Download adapter_model.safetensors as well.',
  },
  {
    fits: /lora.*\.safetensors$/i,
    usual: [],
    what: 'a LoRA adapter by its name, and no whole model',
    remedy: `${adapterStandsIn} peft saves an adapter as a folder of adapter_config.json and adapter_model.safetensors.`,
  },
  {
    fits: /^model_index\.json$|^diffusion_pytorch_model.*\.safetensors$/i,
    usual: ['model_index.json'],
    what: 'part of a pipeline of diffusers, which makes images',
    remedy: 'Choose the folder of a language model or of a vision-language model.',
  },
  {
    fits: /^consolidated.*\.safetensors$/i,
    usual: ['consolidated.safetensors'],
    what: `a model ${ownLayout('Mistral’s', 'the script convert_mistral_weights_to_hf.py of transformers')}`,
    remedy: '',
  },
  {
    fits: /^consolidated\.\d+\.pth$/i,
    usual: ['consolidated.00.pth'],
    what: `a model ${ownLayout('Meta’s', 'the script convert_llama_weights_to_hf.py of transformers')}`,
    remedy: '',
  },
  {
    fits: /\.gguf$/i,
    usual: [],
    what: 'a model of llama.cpp, most often quantised',
    remedy: `Download the original weights. ${save(', gguf_file=NAME', '; what quantising took away stays away')}`,
  },
  {
    fits: /^(?:pytorch_model|model).*\.bin(?:\.index\.json)?$|\.(?:bin|pt|pth|ckpt)$/i,
    usual: ['pytorch_model.bin', 'pytorch_model.bin.index.json'],
    what: 'pickled weights of PyTorch, which can run code when they are opened',
    remedy: `${save('')} Do it only with weights whose origin you trust.`,
  },
  {
    fits: /\.h5$/i,
    usual: ['tf_model.h5'],
    what: 'weights of TensorFlow',
    remedy: save(', from_tf=True', ' (transformers 4 can; version 5 reads no TensorFlow weights)'),
  },
  {
    fits: /\.msgpack$/i,
    usual: ['flax_model.msgpack'],
    what: 'weights of Flax',
    remedy: save(', from_flax=True', ' (transformers 4 can; version 5 reads no Flax weights)'),
  },
  {
    fits: /\.(?:onnx|onnx_data|tflite|mlmodel|mlpackage|engine|xml|pte)$/i,
    usual: ['model.onnx'],
    what: 'a graph that was exported for one runtime, and no weights that can be merged',
    remedy: 'Download the weights that it was exported from.',
  },
  {
    fits: /\.npz$/i,
    usual: ['weights.npz'],
    what: 'weights of MLX in its older format',
    remedy: 'Download the original weights, or save them as safetensors with a newer mlx-lm.',
  },
];

/** Whether a file holds weights that are no model as it is read here, whatever its tensors are called. */
export const isOtherWeights = (name: string): boolean => others.some(({ fits }) => fits.test(name));

/** The names that are asked for where a folder cannot be listed. */
export const usualOthers: readonly string[] = others.flatMap(({ usual }) => usual);

export interface FoundOther {
  readonly file: string;
  /** “x.gguf, which is a model of llama.cpp. Download the original weights.” */
  readonly sentence: string;
}

/** The first kind of other weights among the files of a folder; `names` relative to it. */
export function findOther(names: readonly string[]): FoundOther | null {
  for (const { fits, what, remedy } of others) {
    const file = names.find((name) => fits.test(name));
    if (file !== undefined) return { file, sentence: `${file}, which is ${what}.${remedy && ` ${remedy}`}` };
  }
  return null;
}

/** What to do about a folder without config.json. `names` of its files and those of its subfolders. */
export function remedyWithoutConfig(names: readonly string[]): string {
  const own = names.filter((name) => !name.includes('/'));
  const other = own.includes('model.safetensors') ? null : findOther(own);
  if (other) return `It holds ${other.sentence}`;
  return (
    modelsInside(names) ??
    'Choose the folder that holds config.json and model.safetensors, or download config.json beside the weights.'
  );
}

/** In the cache of the Hub’s own tools, which is not looked into so deep: models--owner--name/snapshots/<commit>/. */
const inCache = /^(?:models--[^/]{1,300}\/)?snapshots\/(?:[^/]{1,300}\/)?$/;

/**
 * Where the folders of models lie in a folder that is one level too high; null where there are none. `names` of files,
 * and of folders with a slash at the end.
 */
export function modelsInside(names: readonly string[]): string | null {
  const folders = names.flatMap(
    (name) => /^(.{1,300})\/(?:config|adapter_config)\.json$/.exec(name)?.[1] ?? [],
  );
  const [only, another] = folders;
  if (only === undefined) {
    const cached = names.filter((name) => inCache.test(name)).slice(0, 6);
    return cached.length === 0
      ? null
      : `It belongs to the cache of the Hub’s own tools, where a model lies in a subfolder of snapshots/ that is called as its commit: choose that (${cached.join(', ')}).`;
  }
  const shown = [...new Set(folders)].slice(0, 6).map((name) => `${name}/`);
  return another === undefined
    ? `There is a model in its subfolder ${only}/: choose that folder.`
    : `There are models in its subfolders ${shown.join(', ')}: choose one of these folders for each model.`;
}
