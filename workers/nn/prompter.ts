/**
 * The text side of a checkpoint, as `transformers` applies it: chat template, expansion of an image to its
 * placeholder tokens, tokenizer, stop ids.
 */
import { Tokenizer } from '@huggingface/tokenizers';
import { StudioError } from '../../core/errors.ts';
import type { VisionLanguageSpec } from '../../core/family/families.ts';
import type { ModelSpec } from '../../core/family/model-spec.ts';
import type { Checkpoint } from '../io/contract.ts';
import { ChatTemplate } from './chat-template.ts';
import type { Prompter } from './contract.ts';
import type { Expansion } from './families/device-family.ts';
import { deviceFamily } from './families/registry.ts';
import { readJson } from './read-json.ts';

type RunnableSpec = Exclude<ModelSpec, { readonly kind: 'unknown' }>;

/** @param requireTemplate false: a model without a chat template can still continue text */
export async function loadPrompter(
  checkpoint: Checkpoint,
  spec: RunnableSpec,
  signal?: AbortSignal,
  requireTemplate = true,
): Promise<Prompter> {
  const tokenizerJson = await readJson(checkpoint, 'tokenizer.json', signal);
  if (!tokenizerJson)
    throw new StudioError(
      'missing',
      `${checkpoint.label} has no tokenizer.json, so it cannot read or write text.`,
      { details: { file: 'tokenizer.json' } },
    );
  const tokenizerConfig = (await readJson(checkpoint, 'tokenizer_config.json', signal)) ?? {};
  const generationConfig = await readJson(checkpoint, 'generation_config.json', signal);
  const tokenizer = makeTokenizer(checkpoint, tokenizerJson, tokenizerConfig);
  const template = await readTemplate(checkpoint, tokenizerConfig, signal);
  const templateOrNone = (): ChatTemplate => {
    if (template) return template;
    throw new StudioError(
      'missing',
      `${checkpoint.label} has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json). Choose an instruction-tuned checkpoint.`,
    );
  };
  if (requireTemplate) templateOrNone();
  const specials = specialTokens(tokenizerConfig);
  const image = spec.kind === 'vlm' ? imageWriting(checkpoint, tokenizer, tokenizerConfig, spec) : null;
  // Template and tokenizer are programs of the checkpoint: they may fail on a text only when they meet it.
  const guarded = <T>(file: string, run: () => T): T => {
    try {
      return run();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new StudioError('unsupported', `${file} of ${checkpoint.label} fails on this text: ${why}`, {
        details: { file },
        cause,
      });
    }
  };
  const encode = (text: string): number[] =>
    guarded('tokenizer.json', () => tokenizer.encode(text, { add_special_tokens: false }).ids);
  const withSpecials = specialsAround(tokenizer, tokenizerConfig);

  return {
    stopIds: idList(generationConfig?.['eos_token_id']) ?? spec.text.eosTokenIds,
    imageTokenId: spec.kind === 'vlm' ? spec.imageTokenId : null,
    encode,
    continuation: (text) => guarded('tokenizer.json', () => withSpecials(text)),
    // The library decodes nothing to an error, and cleans spaces up where transformers does not unless asked
    // to.
    decode: (ids) =>
      ids.length === 0
        ? ''
        : guarded('tokenizer.json', () =>
            tokenizer.decode([...ids], {
              skip_special_tokens: true,
              clean_up_tokenization_spaces: tokenizerConfig['clean_up_tokenization_spaces'] === true,
            }),
          ),
    prompt(text, { images, layout }) {
      const parts = [...(images ? [{ type: 'image' }] : []), { type: 'text', text }];
      const messages = [{ role: 'user', content: spec.kind === 'vlm' ? parts : text }];
      const rendered = guarded('The chat template', () =>
        templateOrNone().render({ ...specials, messages, add_generation_prompt: true }),
      );
      if (!image) {
        if (images)
          throw new StudioError('bad-request', `${checkpoint.label} is a text model and takes no image.`);
        return encode(rendered);
      }
      const refused = image.expansion.refused?.find(({ word }) => rendered.includes(word));
      if (refused)
        throw new StudioError(
          'unsupported',
          `The prompt asks for ${refused.what} by ${refused.word}, and ${refused.what} are not computed here. Take ${refused.word} out of the question; ask about an image instead.`,
          { details: { value: refused.word } },
        );
      // A question that spells the placeholder out would ask for a second image.
      const pieces = rendered.split(image.word);
      if (pieces.length !== images + 1) {
        throw new StudioError(
          'bad-request',
          `The prompt must have ${images} image${images === 1 ? '' : 's'}, but asks for ${pieces.length - 1}: take ${image.word} out of the question.`,
        );
      }
      const whole = pieces.join(images ? image.expansion.write(layout) : '');
      return guarded('tokenizer.json', () => withSpecials(whole));
    },
  };
}

function makeTokenizer(checkpoint: Checkpoint, json: object, config: object): Tokenizer {
  try {
    return new Tokenizer(json, config);
  } catch (thrown) {
    throw new StudioError(
      'unsupported',
      `The tokenizer of ${checkpoint.label} could not be set up: ${thrown instanceof Error ? thrown.message : String(thrown)}.`,
      {
        cause: thrown,
        details: { file: 'tokenizer.json' },
      },
    );
  }
}

/** The word that the chat template writes for an image, and what takes its place. */
function imageWriting(
  checkpoint: Checkpoint,
  tokenizer: Tokenizer,
  config: Record<string, unknown>,
  spec: VisionLanguageSpec,
): { readonly word: string; readonly expansion: Expansion } {
  const extra = config['extra_special_tokens'];
  const named: Record<string, string> = {
    ...(isRecord(extra) ? specialTokens(extra) : {}),
    ...specialTokens(config),
  };
  const word = tokenizer.id_to_token(spec.imageTokenId);
  const expansion = deviceFamily(spec).expansion(spec, word ?? '', named);
  const missing =
    word === undefined
      ? `the image token ${spec.imageTokenId}`
      : expansion.words.find((needed) => tokenizer.token_to_id(needed) === undefined);
  if (word === undefined || missing !== undefined) {
    throw new StudioError(
      'unsupported',
      `The tokenizer of ${checkpoint.label} lacks ${missing}; its prompts with images cannot be built.`,
      { details: { file: 'tokenizer.json', value: missing ?? spec.imageTokenId } },
    );
  }
  return { word, expansion };
}

/**
 * Ids of a rendered prompt as a processor's `apply_chat_template(tokenize=True)` makes them: with the
 * tokenizer's own first and last tokens, unless the template wrote the first itself. `add_bos_token` and
 * `add_eos_token`, where stated, overrule tokenizer.json.
 */
function specialsAround(tokenizer: Tokenizer, config: Record<string, unknown>): (text: string) => number[] {
  const { bos_token: bos, eos_token: eos } = specialTokens(config);
  const own = config['add_bos_token'] === undefined && config['add_eos_token'] === undefined;
  const idOf = (token: string | undefined, wanted: unknown): number[] => {
    const id = token === undefined || wanted !== true ? undefined : tokenizer.token_to_id(token);
    return id === undefined ? [] : [id];
  };
  return (text) => {
    const started = bos !== undefined && text.startsWith(bos);
    if (own) return tokenizer.encode(text, { add_special_tokens: !started }).ids;
    const { ids } = tokenizer.encode(text, { add_special_tokens: false });
    return started
      ? ids
      : [...idOf(bos, config['add_bos_token']), ...ids, ...idOf(eos, config['add_eos_token'])];
  };
}

async function readTemplate(
  checkpoint: Checkpoint,
  tokenizerConfig: Record<string, unknown>,
  signal?: AbortSignal,
): Promise<ChatTemplate | null> {
  const inside = async (file: string): Promise<unknown> =>
    (await readJson(checkpoint, file, signal))?.['chat_template'];
  const stored =
    (await checkpoint.readText('chat_template.jinja', signal)) ??
    (await inside('chat_template.json')) ??
    (await inside('processor_config.json')) ??
    tokenizerConfig['chat_template'];
  if (typeof stored !== 'string') return null;
  try {
    return new ChatTemplate(stored);
  } catch (thrown) {
    throw new StudioError(
      'unsupported',
      `The chat template of ${checkpoint.label} could not be read: ${thrown instanceof Error ? thrown.message : String(thrown)}.`,
      { cause: thrown },
    );
  }
}

/**
 * `bos_token` and its like, which templates refer to by name; stored as a string or as an object with
 * `content`.
 */
function specialTokens(config: Record<string, unknown>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [key, value] of Object.entries(config)) {
    if (!key.endsWith('_token')) continue;
    const content =
      typeof value === 'object' && value !== null ? (value as { readonly content?: unknown }).content : value;
    if (typeof content === 'string') found[key] = content;
  }
  return found;
}

function idList(value: unknown): readonly number[] | null {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.length > 0 && list.every((id): id is number => Number.isInteger(id)) ? list : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
