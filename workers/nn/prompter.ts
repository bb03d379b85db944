/**
 * The text side of a checkpoint, as `transformers` applies it: chat template, expansion of an image to its placeholder tokens
 * (Idefics3Processor without splitting), tokenizer, stop ids.
 */
import { Template } from '@huggingface/jinja';
import { Tokenizer } from '@huggingface/tokenizers';
import { StudioError } from '../../src/core/errors.ts';
import type { ModelSpec } from '../../src/core/family/model-spec.ts';
import type { Checkpoint } from '../io/contract.ts';
import type { Prompter } from './contract.ts';

const aroundImage = '<fake_token_around_image>';
const wholeImage = '<global-img>';

type RunnableSpec = Exclude<ModelSpec, { readonly kind: 'unknown' }>;

export async function loadPrompter(checkpoint: Checkpoint, spec: RunnableSpec, signal?: AbortSignal): Promise<Prompter> {
  const tokenizerJson = await readJson(checkpoint, 'tokenizer.json', signal);
  if (!tokenizerJson) throw new StudioError('missing', `${checkpoint.label} has no tokenizer.json, so it cannot read or write text.`, { details: { file: 'tokenizer.json' } });
  const tokenizerConfig = (await readJson(checkpoint, 'tokenizer_config.json', signal)) ?? {};
  const generationConfig = await readJson(checkpoint, 'generation_config.json', signal);
  const tokenizer = makeTokenizer(checkpoint, tokenizerJson, tokenizerConfig);
  const template = await readTemplate(checkpoint, tokenizerConfig, signal);
  const specials = specialTokens(tokenizerConfig);
  const image = spec.kind === 'vlm' ? imageExpansion(checkpoint, tokenizer, spec.imageTokenId, spec.tokensPerImage) : null;
  // Template and tokenizer are programs of the checkpoint: they may fail on a text only when they meet it.
  const guarded = <T>(file: string, run: () => T): T => {
    try {
      return run();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new StudioError('unsupported', `${file} of ${checkpoint.label} fails on this text: ${why}`, { details: { file }, cause });
    }
  };
  const encode = (text: string): number[] => guarded('tokenizer.json', () => tokenizer.encode(text, { add_special_tokens: false }).ids);

  return {
    stopIds: idList(generationConfig?.['eos_token_id']) ?? spec.text.eosTokenIds,
    imageTokenId: spec.kind === 'vlm' ? spec.imageTokenId : null,
    encode,
    decode: (ids) => guarded('tokenizer.json', () => tokenizer.decode([...ids], { skip_special_tokens: true })),
    prompt(text, { images }) {
      const parts = [...(images ? [{ type: 'image' }] : []), { type: 'text', text }];
      const messages = [{ role: 'user', content: spec.kind === 'vlm' ? parts : text }];
      const rendered = guarded('The chat template', () => template.render({ ...specials, messages, add_generation_prompt: true }));
      if (images && !image) throw new StudioError('bad-request', `${checkpoint.label} is a text model and takes no image.`);
      if (!image) return encode(rendered);
      // A question that spells the placeholder out would ask for a second image.
      const pieces = rendered.split(image.placeholder);
      if (pieces.length !== images + 1) {
        throw new StudioError('bad-request', `The prompt must have ${images} image${images === 1 ? '' : 's'}, but asks for ${pieces.length - 1}: take ${image.placeholder} out of the question.`);
      }
      return encode(pieces.join(image.expansion));
    },
  };
}

function makeTokenizer(checkpoint: Checkpoint, json: object, config: object): Tokenizer {
  try {
    return new Tokenizer(json, config);
  } catch (thrown) {
    throw new StudioError('unsupported', `The tokenizer of ${checkpoint.label} could not be set up: ${thrown instanceof Error ? thrown.message : String(thrown)}.`, {
      cause: thrown,
      details: { file: 'tokenizer.json' },
    });
  }
}

/** Idefics3Processor's string for one image that is not split into tiles. */
function imageExpansion(checkpoint: Checkpoint, tokenizer: Tokenizer, imageTokenId: number, tokensPerImage: number) {
  const placeholder = tokenizer.id_to_token(imageTokenId);
  for (const token of [placeholder, aroundImage, wholeImage]) {
    if (token === undefined || tokenizer.token_to_id(token) === undefined) {
      throw new StudioError('unsupported', `The tokenizer of ${checkpoint.label} lacks ${token ?? `the image token ${imageTokenId}`}; its prompts with images cannot be built.`, {
        details: { file: 'tokenizer.json' },
      });
    }
  }
  const image = placeholder ?? '';
  return { placeholder: image, expansion: `${aroundImage}${wholeImage}${image.repeat(tokensPerImage)}${aroundImage}` };
}

async function readTemplate(checkpoint: Checkpoint, tokenizerConfig: Record<string, unknown>, signal?: AbortSignal): Promise<Template> {
  const stored = (await checkpoint.readText('chat_template.jinja', signal)) ?? (await readJson(checkpoint, 'chat_template.json', signal))?.['chat_template'] ?? tokenizerConfig['chat_template'];
  if (typeof stored !== 'string') {
    throw new StudioError('missing', `${checkpoint.label} has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json). Choose an instruction-tuned checkpoint.`);
  }
  try {
    return new Template(stored);
  } catch (thrown) {
    throw new StudioError('unsupported', `The chat template of ${checkpoint.label} could not be read: ${thrown instanceof Error ? thrown.message : String(thrown)}.`, { cause: thrown });
  }
}

/** `bos_token` and its like, which templates refer to by name; stored as a string or as an object with `content`. */
function specialTokens(config: Record<string, unknown>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [key, value] of Object.entries(config)) {
    if (!key.endsWith('_token')) continue;
    const content = typeof value === 'object' && value !== null ? (value as { readonly content?: unknown }).content : value;
    if (typeof content === 'string') found[key] = content;
  }
  return found;
}

function idList(value: unknown): readonly number[] | null {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.length > 0 && list.every((id): id is number => Number.isInteger(id)) ? list : null;
}

async function readJson(checkpoint: Checkpoint, file: string, signal?: AbortSignal): Promise<Record<string, unknown> | null> {
  const text = await checkpoint.readText(file, signal);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below, with the name of the file.
  }
  throw new StudioError('bad-file', `${file} of ${checkpoint.label} is not a JSON object.`, { details: { file } });
}
