/**
 * config.json and tensor names → ModelSpec. An architecture that is not known is no error: it gets a reason
 * why it cannot be run.
 */
import { ConfigReader } from './config-reader.ts';
import type { ModelSpec, TextSpec, UnknownSpec, VisionLanguageSpec } from './model-spec.ts';
import { readTextConfig } from './text-config.ts';
import { findTextNames } from './text-names.ts';
import type { Reading } from './vision-config.ts';
import { readIdefics3 } from './vlm/idefics3.ts';
import { readInternVl } from './vlm/internvl.ts';
import { readLlavaOneVision } from './vlm/llava-onevision.ts';
import { readLlava } from './vlm/llava.ts';

const textFamilies: Readonly<Record<string, TextSpec['family']>> = {
  LlamaForCausalLM: 'llama',
  Qwen2ForCausalLM: 'qwen2',
  Qwen3ForCausalLM: 'qwen3',
};
const visionFamilies: Readonly<
  Record<
    string,
    (config: ConfigReader, architecture: string, names: ReadonlySet<string>) => Reading<VisionLanguageSpec>
  >
> = {
  Idefics3ForConditionalGeneration: readIdefics3,
  SmolVLMForConditionalGeneration: readIdefics3,
  LlavaForConditionalGeneration: readLlava,
  LlavaOnevisionForConditionalGeneration: readLlavaOneVision,
  InternVLForConditionalGeneration: readInternVl,
};

/** Known, but not computed here: why. */
const pairedOnly: Readonly<Record<string, string>> = {
  Qwen2VLForConditionalGeneration:
    'its vision tower works on images of any size by two-dimensional rotary positions, and its language model numbers positions in three rows (M-RoPE); neither is computed here',
  Qwen2_5_VLForConditionalGeneration:
    'its vision tower works on images of any size by windows and two-dimensional rotary positions, and its language model numbers positions in three rows (M-RoPE); neither is computed here',
  Qwen3VLForConditionalGeneration:
    'its vision tower feeds several layers of the language model (DeepStack), which numbers positions in three interleaved rows (M-RoPE); neither is computed here',
};

export function readModelSpec(config: unknown, tensorNames: Iterable<string>): ModelSpec {
  const reader = new ConfigReader(config);
  const names = tensorNames instanceof Set ? (tensorNames as ReadonlySet<string>) : new Set(tensorNames);
  const architecture = readArchitecture(reader);
  if (Object.hasOwn(textFamilies, architecture))
    return readText(reader, architecture, textFamilies[architecture] as TextSpec['family'], names);
  if (Object.hasOwn(visionFamilies, architecture)) {
    const reading = (visionFamilies[architecture] as (typeof visionFamilies)[string])(
      reader,
      architecture,
      names,
    );
    return 'reason' in reading
      ? unknown(reader, architecture, `${architecture} cannot be run: ${reading.reason}`)
      : reading;
  }
  if (Object.hasOwn(pairedOnly, architecture))
    return unknown(reader, architecture, `${architecture} cannot be run: ${pairedOnly[architecture]}`);
  return unknown(reader, architecture, `The studio cannot run the architecture ${architecture}`);
}

/** `architectures[0]`; else `model_type`, which is all that some checkpoints have. */
function readArchitecture(config: ConfigReader): string {
  const listed = config.raw('architectures');
  if (listed === undefined) return config.text('model_type', 'unknown');
  const first: unknown = Array.isArray(listed) ? listed[0] : undefined;
  return typeof first === 'string' && first.length <= 200
    ? first
    : config.refuse('architectures', 'a list that starts with a name');
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
    hints: {
      ropeTheta: hint(rope, 'rope_theta'),
      heads: hint(text, 'num_attention_heads'),
      keyValueHeads: hint(text, 'num_key_value_heads'),
    },
  };
}

function readText(
  config: ConfigReader,
  architecture: string,
  family: TextSpec['family'],
  names: ReadonlySet<string>,
): ModelSpec {
  const reading = readTextConfig(config, family);
  if (!reading.ok) return unknown(config, architecture, `${architecture} cannot be run: ${reading.reason}`);
  const found = findTextNames(['model.'], names, reading.text.tiedEmbeddings);
  if ('missing' in found)
    return unknown(config, architecture, `${architecture} cannot be run: it has no tensor ${found.missing}`);
  return { kind: 'text', architecture, text: reading.text, names: found };
}
