/**
 * How much a tokenizer.json may hold. The limits are above what published language models have (Gemma 3: some 262,000
 * words and 515,000 merges). What they hold back is memory, and time between two looks at whether work should stop:
 * the library keeps each character of some of its tables in an object of its own. What the tokenizer does with a text is counted (bound-tokenizer.ts).
 */
import { StudioError } from '../../../core/errors.ts';
import { showJson } from '../../../core/json-field.ts';
import { isRecord } from '../../../core/records.ts';

type Json = Readonly<Record<string, unknown>>;

const maxWords = 2 ** 19;
const maxMerges = 3 * 2 ** 18;
const maxAdded = 50_000;
/** Characters. */
const maxWord = 1000;
const maxAllAdded = 1_000_000;
/** Normalizers and their like, each within another too. */
const maxParts = 200;
/** Characters of a text in such a part. */
const maxPartText = 2000;
/** Beginnings of words that differ, of Unigram, each of which takes some 250 bytes. */
const maxBeginnings = 1_500_000;
const maxWordPiece = 1000;

/** Characters of a text that is cut into tokens: some sixty thousand tokens. */
export const longestText = 2 ** 18;

type AtMost = (count: number, most: number, what: string) => void;

const bounded =
  (label: string): AtMost =>
  (count, most, what) => {
    if (count <= most) return;
    throw new StudioError(
      'unsupported',
      `tokenizer.json of ${label} has ${count} ${what}, and at most ${most} are read. No published language model has as many: choose the tokenizer that the model was trained with.`,
      { details: { file: 'tokenizer.json', value: `${count} ${what}` } },
    );
  };

/** Throws StudioError `unsupported`. */
export function checkTokenizerSize(label: string, json: Json): void {
  const atMost = bounded(label);
  const model = isRecord(json['model']) ? json['model'] : {};
  const words = wordsOf(model['vocab']);
  atMost(words.length, maxWords, 'words');
  atMost(
    words.reduce((most, { length }) => Math.max(most, length), 0),
    maxWord,
    'characters in one word',
  );
  const merges = listOf(model['merges']);
  atMost(merges.length, maxMerges, 'merges');
  atMost(
    merges.reduce<number>((most, merge) => Math.max(most, mergeLength(merge)), 0),
    2 * maxWord,
    'characters in one merge',
  );
  if (Array.isArray(model['vocab']))
    atMost(beginnings(words), maxBeginnings, 'beginnings of words that differ');
  const longestWord = model['max_input_chars_per_word'];
  if (typeof longestWord === 'number')
    atMost(longestWord, maxWordPiece, 'characters in max_input_chars_per_word');
  const parts = ['normalizer', 'pre_tokenizer', 'post_processor', 'decoder'].flatMap((key) => [
    ...partsOf(json[key]),
  ]);
  atMost(parts.length, maxParts, 'parts of normalizer, pre-tokenizer, post-processor and decoder');
  for (const part of parts) {
    const { pattern, content, prepend, suffix, prefix, single } = part;
    const texts = [content, prepend, suffix, prefix, ...(isRecord(pattern) ? Object.values(pattern) : [])];
    const longest = texts.reduce<number>(
      (most, text) => Math.max(most, typeof text === 'string' ? text.length : 0),
      0,
    );
    atMost(longest, maxPartText, `characters in a text of the part ${showJson(part['type']).slice(0, 40)}`);
    atMost(listOf(single).length, maxParts, 'pieces in a template of the post-processor');
  }
  const added = listOf(json['added_tokens']);
  atMost(added.length, maxAdded, 'added tokens');
}

/** Of all files. Throws StudioError `unsupported`. */
export function checkAddedTokens(label: string, added: readonly { readonly content: string }[]): void {
  const atMost = bounded(label);
  atMost(added.length, maxAdded, 'added tokens');
  atMost(longestOf(added), maxWord, 'characters in one added token');
  atMost(
    added.reduce((sum, { content }) => sum + content.length, 0),
    maxAllAdded,
    'characters in its added tokens',
  );
}

/** Characters of the longest token. */
export const longestOf = (added: readonly { readonly content: string }[]): number =>
  added.reduce((most, { content }) => Math.max(most, content.length), 0);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function wordsOf(vocab: unknown): readonly string[] {
  if (!Array.isArray(vocab)) return Object.keys(isRecord(vocab) ? vocab : {});
  return vocab.map((entry: unknown) => {
    const word: unknown = Array.isArray(entry) ? entry[0] : entry;
    return typeof word === 'string' ? word : '';
  });
}

function mergeLength(merge: unknown): number {
  if (typeof merge === 'string') return merge.length;
  return listOf(merge).reduce<number>((sum, part) => sum + (typeof part === 'string' ? part.length : 0), 0);
}

/** Of words in alphabetical order, each adds what it has not in common with the one before. */
function beginnings(words: readonly string[]): number {
  if (words.reduce((sum, { length }) => sum + length, 0) <= maxBeginnings) return 0;
  let before = '';
  let count = 0;
  for (const word of words.toSorted()) {
    let same = 0;
    while (same < word.length && word.charCodeAt(same) === before.charCodeAt(same)) same++;
    count += word.length - same;
    before = word;
  }
  return count;
}

/** A part and those within it, as deep as JSON is nested. */
function* partsOf(part: unknown): Generator<Json> {
  if (!isRecord(part)) return;
  yield part;
  for (const key of ['normalizers', 'pretokenizers', 'processors', 'decoders'])
    for (const one of listOf(part[key])) yield* partsOf(one);
}
