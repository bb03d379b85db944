/**
 * The parts of a tokenizer.json, held against what `@huggingface/tokenizers` 0.2 was compared on with the `tokenizers`
 * library (zoo/reference/tokenizers/). A part that gives the same ids is taken as it is. One that the library here
 * computes otherwise is written anew as parts that it computes rightly, or refused by name: other ids would be
 * another prompt, and nobody would notice.
 */
import { StudioError } from '../../../core/errors.ts';
import { showJson } from '../../../core/json-field.ts';
import { sortKeys } from '../../../core/reading/rules.ts';
import { tokenizerPartRules } from '../../../core/reading/tokenizer-parts.ts';
import { isRecord } from '../../../core/records.ts';
import { regexFault } from './regex-fault.ts';
import { isTokenId, type AddedEntry } from './special-tokens.ts';

type Part = Readonly<Record<string, unknown>>;
type Rewrite = (part: Part, refuse: Refuse) => Part | null;
type Refuse = (what: string) => never;

const asIs: Rewrite = (part) => part;
const split = (regex: string, behavior = 'Isolated', invert = false): Part => ({
  type: 'Split',
  pattern: { Regex: regex },
  behavior,
  invert,
});
/** A text as the regular expression that finds it. */
const literally = (text: string): string => text.replace(/[-/\\^$*+?.()|[\]{}]/g, '\\$&');
/** ASCII signs and Unicode's punctuation, as `is_punc` of the library has it. */
const punctuation = '[!-\\/:-@\\[-`{-~\\p{P}]';

function replace(part: Part, refuse: Refuse): Part {
  const { pattern, content } = part;
  if (typeof content !== 'string') return refuse('Replace without content');
  // JavaScript would put what was found where "$1" stands.
  return { ...part, pattern: checkedPattern(pattern, refuse), content: content.replaceAll('$', '$$$$') };
}

function checkedPattern(pattern: unknown, refuse: Refuse): { readonly Regex: string } {
  const { String: text, Regex: regex } = isRecord(pattern) ? pattern : {};
  if (typeof text === 'string' && text !== '') return { Regex: literally(text) };
  if (typeof regex !== 'string') return refuse('a part without a pattern');
  const fault = regexFault(regex);
  return fault === null ? { Regex: regex } : refuse(`the pattern ${regex.slice(0, 80)}, which ${fault}`);
}

function splitting(part: Part, refuse: Refuse): Part {
  const { behavior, invert = false } = part;
  const text = isRecord(part.pattern) ? part.pattern['String'] : undefined;
  const { Regex: regex } = checkedPattern(part.pattern, refuse);
  if ((behavior === 'Isolated' && invert === false) || behavior === 'Removed')
    return split(regex, String(behavior), invert === true);
  // Pieces that end, or begin, with the one character.
  if (invert === false && typeof text === 'string' && [...text].length === 1) {
    const other = `[^${literally(text)}]`;
    // Behind the last one, the rest is taken at once and not tried from each of its places.
    if (behavior === 'MergedWithPrevious') return split(`${other}*${regex}|${other}+`);
    if (behavior === 'MergedWithNext') return split(`${regex}${other}*`);
  }
  return refuse(`Split with the behavior ${showJson(behavior)}${invert === true ? ', inverted' : ''}`);
}

function metaspace(part: Part, refuse: Refuse): Part {
  const { replacement = '▁', prepend_scheme: scheme, add_prefix_space: prefix, split: cut = true } = part;
  if (typeof replacement !== 'string' || [...replacement].length !== 1)
    return refuse('Metaspace with several characters');
  const prepend_scheme = scheme ?? (prefix === false ? 'never' : 'always');
  const made = { type: 'Metaspace', replacement, prepend_scheme };
  if (cut !== true) return made;
  const word = literally(replacement);
  return { type: 'Sequence', pretokenizers: [made, split(`${word}[^${word}]*`)] };
}

function sequence(key: string, rewrites: Readonly<Record<string, Rewrite>>): Rewrite {
  return (part, refuse) => {
    const parts: unknown = part[key];
    if (!Array.isArray(parts)) return refuse('a sequence without parts');
    const made = parts.flatMap((one: unknown) => rewritten(one, rewrites, refuse) ?? []);
    return made.length === 0 ? null : { ...part, [key]: made };
  };
}

const normalizers: Record<string, Rewrite> = {
  ...{ NFC: asIs, NFD: asIs, NFKC: asIs, NFKD: asIs, StripAccents: asIs, Strip: asIs, Prepend: asIs },
  Replace: replace,
};
normalizers['Sequence'] = sequence('normalizers', normalizers);

const preTokenizers: Record<string, Rewrite> = {
  ByteLevel: asIs,
  Split: splitting,
  Metaspace: metaspace,
  WhitespaceSplit: () => split('\\s+', 'Removed'),
  Digits: ({ individual_digits: one }) => split(one === true ? '\\p{N}' : '\\p{N}+'),
  Punctuation: ({ behavior = 'Isolated' }, refuse) =>
    behavior === 'Isolated' || behavior === 'Removed'
      ? split(punctuation, behavior)
      : behavior === 'Contiguous'
        ? split(`${punctuation}+`)
        : refuse(`Punctuation with the behavior ${showJson(behavior)}`),
};
preTokenizers['Sequence'] = sequence('pretokenizers', preTokenizers);

const postProcessors: Record<string, Rewrite> = {
  ...{ ByteLevel: asIs, BertProcessing: asIs, RobertaProcessing: asIs, TemplateProcessing: asIs },
};
postProcessors['Sequence'] = sequence('processors', postProcessors);

const decoders: Record<string, Rewrite> = {
  ...{ ByteLevel: asIs, ByteFallback: asIs, Fuse: asIs, Strip: asIs, BPEDecoder: asIs, WordPiece: asIs },
  Replace: replace,
  Metaspace: (part, refuse) => {
    const { replacement = '▁', prepend_scheme: scheme, add_prefix_space: prefix } = part;
    if (typeof replacement !== 'string') return refuse('Metaspace without a character');
    if (scheme !== 'never' && (scheme !== undefined || prefix !== false)) return part;
    const spaces = { type: 'Replace', pattern: { Regex: literally(replacement) }, content: ' ' };
    return { type: 'Sequence', decoders: [spaces, { type: 'Fuse' }] };
  },
};
decoders['Sequence'] = sequence('decoders', decoders);

const idle = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || value === false;
const models: Record<string, Rewrite> = {
  BPE: (part, refuse) => {
    if (!idle(part['dropout'])) return refuse('BPE with dropout, which takes merges at random');
    if (!idle(part['continuing_subword_prefix'])) return refuse('BPE with continuing_subword_prefix');
    return part;
  },
  Unigram: asIs,
  WordPiece: asIs,
};

/** As the `tokenizers` library has them; it reads no file with another kind. */
const kindsOfOptions = [
  ['string', ['content', 'prepend', 'prefix', 'suffix', 'replacement', 'prepend_scheme', 'behavior']],
  ['string', ['unk_token', 'continuing_subword_prefix', 'end_of_word_suffix']],
  ['boolean', ['strip_left', 'strip_right', 'invert', 'individual_digits', 'add_prefix_space', 'use_regex']],
  ['boolean', ['trim_offsets', 'cleanup', 'fuse_unk', 'byte_fallback', 'ignore_merges']],
  ['number', ['start', 'stop', 'unk_id', 'dropout', 'max_input_chars_per_word']],
] as const;

function rewritten(part: unknown, rewrites: Readonly<Record<string, Rewrite>>, refuse: Refuse): Part | null {
  if (part === null || part === undefined) return null;
  const type = isRecord(part) ? part['type'] : undefined;
  const rewrite = typeof type === 'string' && Object.hasOwn(rewrites, type) ? rewrites[type] : undefined;
  if (!rewrite || !isRecord(part))
    return refuse(`the part ${typeof type === 'string' ? type.slice(0, 80) : showJson(type)}`);
  for (const { key } of sortKeys(tokenizerPartRules, part).refused)
    refuse(`the option ${key.slice(0, 80)} in the part ${type}, which is not known here`);
  for (const [kind, keys] of kindsOfOptions)
    for (const key of keys)
      if (part[key] !== undefined && part[key] !== null && typeof part[key] !== kind)
        refuse(`${showJson(part[key])} as the ${key} of the part ${type}, which is a ${kind}`);
  return rewrite(part, refuse);
}

/** As stated, or by what the model has where it is not: older files do not say. */
export function modelType(json: Part): unknown {
  const model = isRecord(json['model']) ? json['model'] : {};
  return model['type'] ?? (Array.isArray(model['vocab']) ? 'Unigram' : 'merges' in model ? 'BPE' : undefined);
}

/**
 * The tokenizer as the library here computes it rightly.
 * @param added the tokens that go before all parts
 */
export function comparedTokenizer(label: string, json: Part, added: readonly AddedEntry[]): Part {
  const refuse: Refuse = (what) => {
    throw new StudioError(
      'unsupported',
      `tokenizer.json of ${label} has ${what}. The ids of a text could differ here from those of the model's own tokenizer, so no prompt is built. Choose a model whose tokenizer does without it.`,
      { details: { file: 'tokenizer.json', value: what } },
    );
  };
  const single = added.find((token) => token.single_word);
  if (single) refuse(`the token ${single.content}, which counts only as a word of its own (single_word)`);
  const model = isRecord(json['model']) ? json['model'] : {};
  const type = modelType(json);
  const ids = new Map(added.map(({ content, id }) => [content, id]));
  checkTemplates(json['post_processor'], ids, refuse);
  checkMetaspace(json['decoder'], model['vocab'], refuse);
  return {
    ...json,
    added_tokens: added,
    model: rewritten({ ...model, type }, models, refuse),
    normalizer: rewritten(json['normalizer'], normalizers, refuse),
    pre_tokenizer: rewritten(json['pre_tokenizer'], preTokenizers, refuse),
    post_processor: rewritten(json['post_processor'], postProcessors, refuse),
    decoder: rewritten(json['decoder'], decoders, refuse),
  };
}

/** The library here looks a special token up by its name, and tokenizer.json says the ids beside it. */
function checkTemplates(part: unknown, ids: ReadonlyMap<string, number>, refuse: Refuse): void {
  if (!isRecord(part)) return;
  if (Array.isArray(part['processors']))
    for (const one of part['processors']) checkTemplates(one, ids, refuse);
  const tokens = isRecord(part['special_tokens']) ? part['special_tokens'] : {};
  for (const [name, value] of Object.entries(tokens)) {
    const stated = isRecord(value) ? value['ids'] : undefined;
    const known = ids.get(name);
    if (
      !Array.isArray(stated) ||
      stated.length !== 1 ||
      !isTokenId(stated[0]) ||
      (known !== undefined && stated[0] !== known)
    )
      refuse(`a post-processor that writes other tokens for ${name}`);
  }
  // BertProcessing and RobertaProcessing: a token and its id.
  for (const key of ['sep', 'cls']) {
    const pair = part[key];
    if (pair === undefined) continue;
    const [name, id] = Array.isArray(pair) ? (pair as unknown[]) : [];
    const known = typeof name === 'string' ? ids.get(name) : undefined;
    if (typeof name !== 'string' || !isTokenId(id) || (known !== undefined && id !== known))
      refuse(`a post-processor that writes other tokens for ${key}`);
  }
}

/**
 * The library here takes one space from the first token, and the other one each sign that stands for a space; they
 * agree while no token begins with two signs or with a space.
 */
function checkMetaspace(part: unknown, vocab: unknown, refuse: Refuse): void {
  if (!isRecord(part)) return;
  if (Array.isArray(part['decoders'])) for (const one of part['decoders']) checkMetaspace(one, vocab, refuse);
  if (part['type'] !== 'Metaspace' || part['prepend_scheme'] === 'never') return;
  const sign = typeof part['replacement'] === 'string' ? part['replacement'] : '▁';
  const words: readonly unknown[] = Array.isArray(vocab)
    ? vocab.map((entry: unknown) => (Array.isArray(entry) ? (entry[0] as unknown) : entry))
    : Object.keys(isRecord(vocab) ? vocab : {});
  const begins = (word: unknown): boolean =>
    typeof word === 'string' && (word.startsWith(sign + sign) || word.startsWith(' '));
  if (words.some(begins)) refuse('Metaspace as its decoder beside tokens that begin with several spaces');
}
