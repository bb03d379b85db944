/** config.json and tensor names → ModelSpec. An architecture that is not known is no error: it gets a reason why it cannot be run. */
import { ConfigReader } from './config-reader.ts';
import type { ModelSpec, TextNames, TextSpec, UnknownSpec, VisionSpec } from './model-spec.ts';
import { readTextConfig } from './text-config.ts';

const textFamilies: Readonly<Record<string, TextSpec['family']>> = { LlamaForCausalLM: 'llama', Qwen2ForCausalLM: 'qwen2', Qwen3ForCausalLM: 'qwen3' };
const visionArchitectures: readonly string[] = ['Idefics3ForConditionalGeneration', 'SmolVLMForConditionalGeneration'];

export function readModelSpec(config: unknown, tensorNames: Iterable<string>): ModelSpec {
  const reader = new ConfigReader(config);
  const names = tensorNames instanceof Set ? (tensorNames as ReadonlySet<string>) : new Set(tensorNames);
  const architecture = readArchitecture(reader);
  if (Object.hasOwn(textFamilies, architecture)) return readText(reader, architecture, textFamilies[architecture] as TextSpec['family'], names);
  if (visionArchitectures.includes(architecture)) return readVisionLanguage(reader, architecture, names);
  return unknown(reader, architecture, `The studio cannot run the architecture ${architecture}`);
}

/** `architectures[0]`; else `model_type`, which is all that some checkpoints have. */
function readArchitecture(config: ConfigReader): string {
  const listed = config.raw('architectures');
  if (listed === undefined) return config.text('model_type', 'unknown');
  const first: unknown = Array.isArray(listed) ? listed[0] : undefined;
  return typeof first === 'string' && first.length <= 200 ? first : config.refuse('architectures', 'a list that starts with a name');
}

function unknown(config: ConfigReader, architecture: string, reason: string): UnknownSpec {
  // Nothing is demanded of a config whose rules are not known: what is not a plain number is simply no hint.
  const text = config.child('text_config') ?? config;
  const rope = text.child('rope_parameters') ?? text;
  const hint = (holder: ConfigReader, key: string): number | null => {
    const value = holder.raw(key);
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  };
  return {
    kind: 'unknown',
    architecture,
    reason: `${reason}; it can still be decomposed, merged and exported.`,
    hints: { ropeTheta: hint(rope, 'rope_theta'), heads: hint(text, 'num_attention_heads'), keyValueHeads: hint(text, 'num_key_value_heads') },
  };
}

/** Where the text model's tensors are, or which one is missing. */
function findTextNames(prefix: string, names: ReadonlySet<string>, tied: boolean): TextNames | { readonly missing: string } {
  const embedding = `${prefix}embed_tokens.weight`;
  const finalNorm = `${prefix}norm.weight`;
  const layers = `${prefix}layers.`;
  const head = ['lm_head.weight', 'language_model.lm_head.weight'].find((name) => names.has(name)) ?? null;
  const missing = [embedding, finalNorm, `${layers}0.self_attn.q_proj.weight`].find((name) => !names.has(name)) ?? (head === null && !tied ? 'lm_head.weight' : null);
  return missing === null ? { layers, embedding, finalNorm, head } : { missing };
}

function readText(config: ConfigReader, architecture: string, family: TextSpec['family'], names: ReadonlySet<string>): ModelSpec {
  const reading = readTextConfig(config, family);
  if (!reading.ok) return unknown(config, architecture, `${architecture} cannot be run: ${reading.reason}`);
  const found = findTextNames('model.', names, reading.text.tiedEmbeddings);
  if ('missing' in found) return unknown(config, architecture, `${architecture} cannot be run: it has no tensor ${found.missing}`);
  return { kind: 'text', architecture, text: reading.text, names: found };
}

function readVisionLanguage(config: ConfigReader, architecture: string, names: ReadonlySet<string>): ModelSpec {
  const cannot = (reason: string): UnknownSpec => unknown(config, architecture, `${architecture} cannot be run: ${reason}`);
  const textConfig = config.nested('text_config');
  const textType = textConfig.text('model_type', 'llama');
  if (textType !== 'llama' && textType !== 'qwen2' && textType !== 'qwen3') return cannot(`its language model is of type ${textType}`);
  // A text config that is missing altogether gets this epsilon from Idefics3Config; one that is there gets LlamaConfig's.
  const reading = readTextConfig(textConfig, textType, config.has('text_config') ? {} : { rmsNormEps: 1e-5 });
  if (!reading.ok) return cannot(reading.reason);
  // The head belongs to the outer model: its flag counts, not that of text_config.
  const text: TextSpec = { ...reading.text, tiedEmbeddings: config.flag('tie_word_embeddings', false) };

  const vision = readVision(config.nested('vision_config'));
  if (typeof vision === 'string') return cannot(vision);
  const scaleFactor = config.whole('scale_factor', 2, [1, 64]);
  const grid = vision.imageSize / vision.patchSize;
  if (!Number.isInteger(grid) || grid % scaleFactor !== 0) return cannot(`its image of ${vision.imageSize} pixels does not divide into patches of ${vision.patchSize} and groups of ${scaleFactor}`);

  const found = findTextNames('model.text_model.', names, text.tiedEmbeddings);
  if ('missing' in found) return cannot(`it has no tensor ${found.missing}`);
  const connector = 'model.connector.modality_projection.proj.weight';
  const missing = [connector, 'model.vision_model.embeddings.patch_embedding.weight'].find((name) => !names.has(name));
  if (missing !== undefined) return cannot(`it has no tensor ${missing}`);
  return {
    kind: 'vlm',
    architecture,
    text,
    vision,
    scaleFactor,
    tokensPerImage: (grid / scaleFactor) ** 2,
    imageTokenId: config.whole('image_token_id', 128_257, [0, 2 ** 24]),
    names: { ...found, vision: 'model.vision_model.', connector },
  };
}

/** Defaults of Idefics3VisionConfig and SmolVLMVisionConfig, which are the same. A text says what cannot be computed. */
function readVision(config: ConfigReader): VisionSpec | string {
  const activation = config.text('hidden_act', 'gelu_pytorch_tanh');
  if (activation !== 'gelu_pytorch_tanh') return `its vision tower's activation ${activation} is not computed here`;
  const hiddenSize = config.whole('hidden_size', 1152);
  const heads = config.whole('num_attention_heads', 16, [1, 4096]);
  if (hiddenSize % heads !== 0) config.refuse('hidden_size', `a multiple of num_attention_heads (${heads})`);
  return {
    hiddenSize,
    intermediateSize: config.whole('intermediate_size', 3072),
    layers: config.whole('num_hidden_layers', 12, [1, 1024]),
    heads,
    channels: config.whole('num_channels', 3, [1, 16]),
    imageSize: config.whole('image_size', 224, [1, 16_384]),
    patchSize: config.whole('patch_size', 32, [1, 1024]),
    layerNormEps: config.number('layer_norm_eps', 1e-6, [0, 1]),
    activation,
  };
}
