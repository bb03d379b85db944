/** Tokenizers that mean harm, for the tests that have them refused and the benchmark of how quickly they are. */

type Json = Readonly<Record<string, unknown>>;

const none = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, added_tokens: [] };
const words = Object.fromEntries([...'abcdefghijklmnopqrstuvwxyz ĠabÃÄ'].map((word, id) => [word, id]));
const bpe = { type: 'BPE', vocab: words, merges: [] };
const many = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));
const split = (Regex: string): Json => ({
  type: 'Split',
  pattern: { Regex },
  behavior: 'Isolated',
  invert: false,
});
const doubling: Json = { type: 'Replace', pattern: { String: 'a' }, content: 'aa' };
const sequence = (key: string, parts: readonly Json[]): Json => ({ type: 'Sequence', [key]: parts });
const unigram = (vocab: readonly (readonly [string, number])[]): Json => ({
  type: 'Unigram',
  unk_id: 0,
  vocab,
});
const token = (content: string, normalized = false): Json => ({
  ...{ id: Object.keys(words).length, content, single_word: false, lstrip: false, rstrip: false },
  ...{ special: false, normalized },
});
const as = 'a'.repeat(200_000);
const spaces = ' '.repeat(200_000);

/** What it is, tokenizer.json, a text to be cut into tokens, and the reason that it is refused for. */
export const hostileTokenizers: readonly (readonly [string, () => Json, string, RegExp])[] = [
  [
    'repetitions in repetitions',
    () => ({ ...none, model: bpe, pre_tokenizer: split('(.*)*x') }),
    as,
    /repeats what/,
  ],
  [
    'three repetitions of the same',
    () => ({ ...none, model: bpe, pre_tokenizer: split('\\s*\\s*\\s*x') }),
    spaces,
    /units of work/,
  ],
  [
    'a run that ends otherwise',
    () => ({ ...none, model: bpe, pre_tokenizer: split('a+b') }),
    as,
    /units of work/,
  ],
  [
    'what may be there or not, forty times',
    () => ({ ...none, model: bpe, pre_tokenizer: split('a?'.repeat(40) + 'a'.repeat(40) + 'b') }),
    as,
    /units of work/,
  ],
  [
    'the same in two ways, thirty times',
    () => ({ ...none, model: bpe, pre_tokenizer: split('(?:a|a)'.repeat(30) + 'b') }),
    as,
    /units of work/,
  ],
  [
    'a look ahead of all that follows, at each place',
    () => ({ ...none, model: bpe, pre_tokenizer: split('a(?=a*b)') }),
    as,
    /units of work/,
  ],
  [
    'a look back at all that was, at each place',
    () => ({ ...none, model: bpe, pre_tokenizer: split('(?<=ba*)a') }),
    as,
    /units of work/,
  ],
  [
    'thirty rules that each double the text',
    () => ({
      ...none,
      model: bpe,
      normalizer: sequence(
        'normalizers',
        many(30, () => doubling),
      ),
    }),
    'a',
    /units of work/,
  ],
  [
    'thirty rules that double a token',
    () => ({
      ...{
        ...none,
        model: bpe,
        normalizer: sequence(
          'normalizers',
          many(30, () => doubling),
        ),
      },
      added_tokens: [token('aa', true)],
    }),
    'b',
    /units of work/,
  ],
  [
    'thirty rules that each double an answer',
    () => ({
      ...none,
      model: bpe,
      decoder: sequence(
        'decoders',
        many(30, () => doubling),
      ),
    }),
    'a',
    /units of work/,
  ],
  [
    'a rule that writes two thousand letters at each place',
    () => ({
      ...{ ...none, model: bpe },
      normalizer: { type: 'Replace', pattern: { Regex: 'a|' }, content: 'b'.repeat(2000) },
    }),
    as,
    /units of work/,
  ],
  [
    'a rule that writes a million letters',
    () => ({ ...none, model: bpe, normalizer: { ...doubling, content: 'b'.repeat(1e6) } }),
    'a',
    /1000000 characters in a text of the part "Replace"/,
  ],
  [
    'a beginning of a million letters',
    () => ({ ...none, model: bpe, normalizer: { type: 'Prepend', prepend: 'b'.repeat(1e6) } }),
    'a',
    /1000000 characters in a text of the part "Prepend"/,
  ],
  [
    'bytes of bytes of bytes',
    () => ({
      ...{ ...none, model: bpe },
      pre_tokenizer: sequence(
        'pretokenizers',
        many(60, () => ({ type: 'ByteLevel', use_regex: false })),
      ),
    }),
    'é',
    /units of work/,
  ],
  [
    'ten thousand normalizers',
    () => ({
      ...none,
      model: bpe,
      normalizer: sequence(
        'normalizers',
        many(10_000, () => ({ type: 'NFC' })),
      ),
    }),
    'a',
    /10001 parts/,
  ],
  [
    'an added token of twenty million letters',
    () => ({ ...none, model: bpe, added_tokens: [token('a'.repeat(20_000_000))] }),
    'a',
    /20000000 characters in one added token/,
  ],
  [
    'eighty thousand added tokens',
    () => ({ ...none, model: bpe, added_tokens: many(80_000, (i) => token(`<${i}>`)) }),
    'a',
    /80000 added tokens/,
  ],
  [
    'an added token that nearly begins at each place',
    () => ({ ...none, model: bpe, added_tokens: [token(`${'a'.repeat(999)}b`)] }),
    'a'.repeat(250_000),
    /units of work/,
  ],
  [
    'a word of five million letters',
    () => ({ ...none, model: { ...bpe, vocab: { ['a'.repeat(5e6)]: 0 } } }),
    'a',
    /5000000 characters in one word/,
  ],
  [
    'two million merges',
    () => ({ ...none, model: { ...bpe, merges: many(2e6, () => 'a b') } }),
    'a',
    /2000000 merges/,
  ],
  [
    'a merge of a million letters',
    () => ({ ...none, model: { ...bpe, merges: [`a ${'b'.repeat(1e6)}`] } }),
    'a',
    /1000002 characters in one merge/,
  ],
  [
    'words that begin alike, each at each place',
    () => ({ ...none, model: unigram([['?', 0], ...many(1000, (i) => ['a'.repeat(i + 1), -1] as const)]) }),
    as,
    /units of work/,
  ],
  [
    'words without a common beginning',
    () => ({
      ...none,
      model: unigram([['?', 0], ...many(4000, (i) => [`${i}${'b'.repeat(990)}`, -1] as const)]),
    }),
    'a',
    /beginnings of words that differ/,
  ],
  [
    'words of any length',
    () => ({
      ...none,
      model: { type: 'WordPiece', unk_token: '?', vocab: { '?': 0 }, max_input_chars_per_word: 1e9 },
    }),
    as,
    /1000000000 characters in max_input_chars_per_word/,
  ],
  [
    'words of a thousand letters',
    () => ({
      ...{
        ...none,
        pre_tokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'Removed', invert: false },
      },
      model: { type: 'WordPiece', unk_token: '?', vocab: { '?': 0 }, max_input_chars_per_word: 1000 },
    }),
    `${'a'.repeat(999)} `.repeat(250),
    /units of work/,
  ],
  [
    'a post-processor of ten thousand pieces',
    () => ({
      ...{ ...none, model: bpe },
      post_processor: {
        ...{ type: 'TemplateProcessing', special_tokens: {}, pair: [] },
        single: many(10_000, () => ({ Sequence: { id: 'A', type_id: 0 } })),
      },
    }),
    'a',
    /10000 pieces in a template/,
  ],
];

/** Tokenizers and texts that only look as if they would not end. */
export const harmlessTokenizers: readonly (readonly [string, () => Json, string])[] = [
  ['letters that are all unknown', () => ({ ...none, model: unigram([['?', 0], ['b', -1]]) }), as], // prettier-ignore
  [
    'pieces that end with a letter which is not there',
    () => ({
      ...{ ...none, model: bpe },
      pre_tokenizer: {
        type: 'Split',
        pattern: { String: ' ' },
        behavior: 'MergedWithPrevious',
        invert: false,
      },
    }),
    as,
  ],
  [
    'spaces of Llama 3',
    () => ({
      ...{ ...none, model: bpe },
      pre_tokenizer: split(
        '[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
      ),
    }),
    `${spaces}x`,
  ],
];
