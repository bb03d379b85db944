/**
 * The text side of a checkpoint, as `transformers` applies it: chat template, expansion of an image to its
 * placeholder tokens, tokenizer, stop ids.
 */
import type { Tokenizer } from '@huggingface/tokenizers';
import { StudioError } from '../../core/errors.ts';
import { readGenerationConfig } from '../../core/reading/generation-config.ts';
import { tokenizerConfigFindings } from '../../core/reading/tokenizer-config.ts';
import type { Finding } from '../../core/family/pairing.ts';
import type { VisionLanguageSpec } from '../../core/family/families.ts';
import type { ModelSpec } from '../../core/family/model-spec.ts';
import { isRecord } from '../../core/records.ts';
import { allowance, measured } from '../../core/work.ts';
import type { Checkpoint } from '../io/contract.ts';
import { ChatTemplate } from './chat-template.ts';
import { breathe } from './breathe.ts';
import type { Prompter } from './contract.ts';
import type { Expansion } from './families/device-family.ts';
import { deviceFamily } from './families/registry.ts';
import { readJson } from './read-json.ts';
import { findTemplate } from './text/find-template.ts';
import { makeTokenizer } from './text/make-tokenizer.ts';
import { mergeTokens, type AddedEntry, type MergedTokens } from './text/special-tokens.ts';
import { noTokenizer } from './text/no-tokenizer.ts';
import { asItsClass } from './text/tokenizer-class.ts';
import { checkedIds } from './text/checked-ids.ts';
import { checkAddedTokens, checkTokenizerSize, longestText } from './text/tokenizer-limits.ts';
import { comparedTokenizer, modelType } from './text/tokenizer-parts.ts';
import { readVocabulary } from './text/vocabulary.ts';

type RunnableSpec = Exclude<ModelSpec, { readonly kind: 'unknown' }>;

/** @param requireTemplate false: a model without a chat template can still continue text */
export async function loadPrompter(
  checkpoint: Checkpoint,
  spec: RunnableSpec,
  signal?: AbortSignal,
  requireTemplate = true,
): Promise<Prompter> {
  const marks: Finding[] = [];
  const read = (file: string) => readJson(checkpoint, file, signal, marks);
  const storedJson = (await read('tokenizer.json')) ?? (await noTokenizer(checkpoint, signal));
  const storedConfig = (await read('tokenizer_config.json')) ?? {};
  const answering = readGenerationConfig(checkpoint.label, (await read('generation_config.json')) ?? {});
  const specialTokensMap = await read('special_tokens_map.json');
  await breathe(signal);
  checkTokenizerSize(checkpoint.label, storedJson);
  const {
    tokenizer: tokenizerJson,
    config: tokenizerConfig,
    findings: ofClass,
  } = asItsClass({
    label: checkpoint.label,
    model: isRecord(checkpoint.config) ? checkpoint.config : {},
    config: storedConfig,
    tokenizer: storedJson,
  });
  const vocabulary = await readVocabulary(checkpoint.label, tokenizerJson, signal);
  const { added, named, beyond } = mergeTokens(
    {
      label: checkpoint.label,
      tokenizer: tokenizerJson,
      config: tokenizerConfig,
      specialTokensMap,
      addedTokens: await read('added_tokens.json'),
    },
    vocabulary,
  );
  checkAddedTokens(checkpoint.label, added);
  const compared = comparedTokenizer(checkpoint.label, tokenizerJson, added);
  const tokenizer = await makeTokenizer(checkpoint.label, compared, vocabulary, added, signal);
  const template = await readTemplate(checkpoint, tokenizerConfig, spec.kind === 'vlm', marks, signal);
  const templateOrNone = (): ChatTemplate => {
    if (template) return template.template;
    throw new StudioError(
      'missing',
      `${checkpoint.label} has no chat template (chat_template.jinja, or chat_template in ${spec.kind === 'vlm' ? 'processor_config.json' : 'tokenizer_config.json'}). Choose an instruction-tuned checkpoint, or give it a text to continue by frism generate --raw.`,
    );
  };
  if (requireTemplate) templateOrNone();
  const image = spec.kind === 'vlm' ? imageWriting(checkpoint, tokenizer, { named, beyond }, spec) : null;
  // Template and tokenizer are programs of the checkpoint: they may fail on a text only when they meet it.
  const guarded = <T>(what: string, file: string, run: () => T): T => {
    try {
      return measured(allowance(), run);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new StudioError('unsupported', `${what} of ${checkpoint.label} fails on this text: ${why}`, {
        details: { file },
        cause,
      });
    }
  };
  const idsOf = (text: string, add_special_tokens: boolean): number[] => {
    if (text.length > longestText)
      throw new StudioError(
        'unsupported',
        `A prompt of ${checkpoint.label} is ${text.length} characters long, and at most ${longestText} are cut into tokens. Ask a shorter question, or look at what its chat template writes.`,
        { details: { file: template?.file ?? 'tokenizer.json', value: text.length } },
      );
    const { ids } = guarded('tokenizer.json', 'tokenizer.json', () =>
      tokenizer.encode(text, { add_special_tokens }),
    );
    return checkedIds(checkpoint.label, ids, spec.text.vocabSize, (id) => tokenizer.id_to_token(id));
  };
  const encode = (text: string): number[] => idsOf(text, false);
  // As a processor does it: the tokenizer's own first token, unless the template wrote it.
  const bos = named['bos_token'];
  const prompted = (text: string): number[] => idsOf(text, bos === undefined || !text.startsWith(bos));

  return {
    findings: [
      ...tokenizerConfigFindings(checkpoint.label, storedJson, storedConfig, specialTokensMap),
      ...ofClass,
      ...outsideFindings(checkpoint.label, beyond, spec.text.vocabSize),
      ...answering.findings,
      ...(spec.kind === 'vlm' && template?.file === 'tokenizer_config.json'
        ? [templateOfTokenizer(checkpoint.label)]
        : []),
      ...marks,
    ],
    rules: answering.plain ? null : answering.rules,
    stopIds: answering.rules.stopIds ?? spec.text.eosTokenIds,
    imageTokenId: spec.kind === 'vlm' ? spec.imageTokenId : null,
    encode,
    continuation: (text) => idsOf(text, true),
    // The library decodes nothing to an error, and cleans spaces up where transformers does not unless asked
    // to. A model may write an id that the tokenizer has no token for, as rows that only pad its embedding have; the
    // reference leaves such ids out.
    decode: (ids) => {
      const known = ids.filter((id) => tokenizer.id_to_token(id) !== undefined);
      return known.length === 0
        ? ''
        : guarded('tokenizer.json', 'tokenizer.json', () =>
            tokenizer.decode(known, {
              skip_special_tokens: true,
              clean_up_tokenization_spaces: cleansUp(tokenizerConfig, tokenizerJson),
            }),
          );
    },
    prompt(text, { images, layout }) {
      const parts = [...(images ? [{ type: 'image' }] : []), { type: 'text', text }];
      const messages = [{ role: 'user', content: spec.kind === 'vlm' ? parts : text }];
      const written = template?.file ?? '';
      const chat = templateOrNone();
      const rendered = guarded(`The chat template in ${written}`, written, () =>
        chat.render({ ...nothing, ...named, messages, add_generation_prompt: true }),
      );
      if (rendered === '' && text !== '')
        throw new StudioError(
          'unsupported',
          `The chat template in ${written} of ${checkpoint.label} writes nothing for a question. Choose the one that belongs to this model; an empty file is what a download that failed leaves.`,
          { details: { file: written } },
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
      if (pieces.length <= images)
        throw new StudioError(
          'unsupported',
          `The chat template of ${checkpoint.label} leaves no place for the image: ${image.word}, the token of image_token_id in config.json, is not in what it writes. Check that both files belong to this model.`,
          { details: { file: 'config.json', value: image.word } },
        );
      if (pieces.length !== images + 1) {
        throw new StudioError(
          'bad-request',
          text.includes(image.word)
            ? `The question has ${image.word} in it, by which ${checkpoint.label} marks the place of an image. ${images > 0 ? 'The image is put into its place without it' : 'There is no image with this question; where one is given, it is put into its place without the mark'}: take ${image.word} out of the question.`
            : `The chat template of ${checkpoint.label} writes ${image.word}, the place of an image, ${pieces.length - 1} times for a question with ${images === 0 ? 'no image' : 'one'}. Check that it belongs to this model.`,
          { details: { value: image.word } },
        );
      }
      const whole = pieces.join(images ? image.expansion.write(layout) : '');
      return prompted(whole);
    },
  };
}

/** As transformers 5.23: not for BPE, whose own spaces before punctuation it would take away, unless forced. */
function cleansUp(config: Record<string, unknown>, tokenizer: Record<string, unknown>): boolean {
  const forced =
    config['clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output'] === true ||
    modelType(tokenizer) !== 'BPE';
  return forced && config['clean_up_tokenization_spaces'] === true;
}

/** transformers 5.23 gives a processor no template of its tokenizer, and prompts with images need the processor. */
const templateOfTokenizer = (label: string): Finding => ({
  code: 'chat-template-of-tokenizer',
  severity: 'warning',
  tensors: [],
  message: `${label} has its chat template in tokenizer_config.json alone, and transformers takes the template of a vision-language model from its processor: processor.apply_chat_template fails in this folder, and in an export of it.`,
  remedy:
    'The template of the tokenizer is used here. Save it as chat_template.jinja beside tokenizer_config.json.',
});

function outsideFindings(label: string, beyond: readonly AddedEntry[], rows: number): Finding[] {
  const words = beyond.filter(({ id }) => id >= rows).map(({ content }) => content);
  if (words.length === 0) return [];
  return [
    {
      code: 'tokens-outside-vocabulary',
      severity: 'warning',
      tensors: [],
      message: `The tokenizer files of ${label} name ${words.length === 1 ? 'a token' : `${words.length} tokens`} for which the model has no row: ${words.slice(0, 8).join(', ')}.`,
      remedy:
        'A text that has such a token is refused. Choose the tokenizer that the model was trained with.',
    },
  ];
}

/** The word that the chat template writes for an image, and what takes its place. */
function imageWriting(
  checkpoint: Checkpoint,
  tokenizer: Tokenizer,
  { named, beyond }: Pick<MergedTokens, 'named' | 'beyond'>,
  spec: VisionLanguageSpec,
): { readonly word: string; readonly expansion: Expansion } {
  const word = tokenizer.id_to_token(spec.imageTokenId);
  const expansion = deviceFamily(spec).expansion(spec, word ?? '', named);
  const missing =
    word === undefined
      ? `the image token ${spec.imageTokenId}`
      : expansion.words.find(
          (needed) =>
            tokenizer.token_to_id(needed) === undefined || beyond.some(({ content }) => content === needed),
        );
  if (word === undefined || missing !== undefined) {
    throw new StudioError(
      'unsupported',
      `The tokenizer of ${checkpoint.label} lacks ${missing}; its prompts with images cannot be built.`,
      { details: { file: 'tokenizer.json', value: missing ?? spec.imageTokenId } },
    );
  }
  return { word, expansion };
}

/** What `transformers` tells every template, beside the messages. */
const nothing = { tools: null, documents: null };

async function readTemplate(
  checkpoint: Checkpoint,
  tokenizerConfig: Record<string, unknown>,
  processor: boolean,
  marks: Finding[],
  signal?: AbortSignal,
): Promise<{ readonly template: ChatTemplate; readonly file: string } | null> {
  const found = await findTemplate(checkpoint, tokenizerConfig, processor, marks, signal);
  if (!found) return null;
  try {
    return { template: new ChatTemplate(found.text), file: found.file };
  } catch (thrown) {
    throw new StudioError(
      'unsupported',
      `The chat template of ${checkpoint.label} could not be read: ${thrown instanceof Error ? thrown.message : String(thrown)}. Its prompts cannot be built; write the template in ${found.file} without it.`,
      { cause: thrown, details: { file: found.file } },
    );
  }
}
