/**
 * The words of a tokenizer.json and their ids, read and handed to the library in steps between which a worker hears
 * that it should stop: Gemma 3 has 262,000 words and 515,000 merges, which take seconds in one go.
 */
import type { Tokenizer } from '@huggingface/tokenizers';
import { StudioError } from '../../../core/errors.ts';
import { showJson } from '../../../core/json-field.ts';
import { isRecord } from '../../../core/records.ts';
import { breathe } from '../breathe.ts';
import { halfPair, isTokenId, type AddedEntry } from './special-tokens.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Vocabulary {
  readonly ids: ReadonlyMap<string, number>;
  /** Words as they are counted: of Unigram, one may stand twice. */
  readonly size: number;
}

/** Words or merges between two looks at the clock. */
const atOnce = 2048;

async function inSteps<T>(
  values: readonly T[],
  signal: AbortSignal | undefined,
  each: (value: T, i: number) => void,
): Promise<void> {
  for (let begin = 0; begin < values.length; begin += atOnce) {
    await breathe(signal);
    const end = Math.min(values.length, begin + atOnce);
    for (let i = begin; i < end; i++) each(values[i] as T, i);
  }
}

/** Throws StudioError `bad-file` for a word or an id that no tokenizer reads. */
export async function readVocabulary(
  label: string,
  tokenizer: Json,
  signal?: AbortSignal,
): Promise<Vocabulary> {
  const refuse = (what: string): never => {
    throw badVocabulary(label, what);
  };
  const ids = new Map<string, number>();
  const stored = modelOf(tokenizer)['vocab'];
  if (Array.isArray(stored)) {
    await inSteps<unknown>(stored, signal, (entry, i) => {
      const [token, score] = Array.isArray(entry) ? (entry as unknown[]) : [];
      if (typeof token !== 'string' || halfPair.test(token) || typeof score !== 'number')
        return refuse(`${showJson(entry)} in the place of token ${i} and its score`);
      ids.set(token, i);
    });
    return { ids, size: stored.length };
  }
  const words = isRecord(stored) ? stored : {};
  await inSteps(Object.keys(words), signal, (token) => {
    const id = words[token];
    if (!isTokenId(id)) return refuse(`the id ${showJson(id)} for the token ${showJson(token)}`);
    if (halfPair.test(token)) return refuse(`half of a surrogate pair in ${showJson(token)}`);
    ids.set(token, id);
  });
  return { ids, size: ids.size };
}

/** The same tokenizer with as few words as the library can be made with; `fillWords` gives it the others. */
export function withoutWords(tokenizer: Json): Json {
  const { vocab, merges, ...model } = modelOf(tokenizer);
  return {
    ...tokenizer,
    model: {
      ...model,
      vocab: Array.isArray(vocab) ? vocab.slice(0, 1) : {},
      ...(merges === undefined ? {} : { merges: [] }),
    },
  };
}

/** What the library's constructors of BPE, WordPiece and Unigram make of vocabulary and merges. */
interface FilledModel {
  readonly tokens_to_ids: Map<string, number>;
  readonly vocab: string[];
  unk_token_id?: number | undefined;
  unk_token?: string | null | undefined;
  merges?: (readonly string[])[];
  readonly bpe_ranks?: Map<string, number>;
  readonly scores?: number[];
  readonly trie?: { push: (word: string) => void };
  min_score?: number;
  unk_score?: number;
  bos_token?: string;
  bos_token_id?: number | undefined;
}

/**
 * Gives a tokenizer that was made `withoutWords` those of `json`, as the library's own constructors (0.2) do.
 * @param added tokens that count before the vocabulary's
 */
export async function fillWords(
  tokenizer: Tokenizer,
  json: Json,
  { ids }: Vocabulary,
  added: readonly AddedEntry[],
  signal?: AbortSignal,
): Promise<void> {
  const model = tokenizer.model as unknown as FilledModel;
  const { vocab, merges, unk_id } = modelOf(json);
  model.tokens_to_ids.clear();
  model.vocab.length = 0;
  if (Array.isArray(vocab)) await fillUnigram(model, vocab as [string, number][], unk_id, signal);
  else {
    await inSteps([...ids], signal, ([word, id]) => {
      model.tokens_to_ids.set(word, id);
      model.vocab[id] = word;
    });
    model.unk_token_id = model.tokens_to_ids.get(model.unk_token as string);
  }
  if (Array.isArray(merges) && model.bpe_ranks) await fillMerges(model, model.bpe_ranks, merges, signal);
  for (const { content, id } of added) {
    model.tokens_to_ids.set(content, id);
    model.vocab[id] = content;
  }
}

async function fillMerges(
  model: FilledModel,
  ranks: Map<string, number>,
  merges: readonly unknown[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const arePairs = Array.isArray(merges[0]);
  const pairs: (readonly string[])[] = [];
  await inSteps(merges, signal, (merge, i) => {
    const pair = arePairs ? (merge as readonly string[]) : (merge as string).split(' ', 2);
    pairs.push(pair);
    ranks.set(JSON.stringify(pair), i);
  });
  model.merges = pairs;
}

async function fillUnigram(
  model: FilledModel,
  words: readonly (readonly [string, number])[],
  unknown: unknown,
  signal: AbortSignal | undefined,
): Promise<void> {
  const scores = model.scores as number[];
  let least = words[0]?.[1] ?? 0;
  await inSteps(words, signal, ([word, score], i) => {
    model.vocab[i] = word;
    scores[i] = score;
    if (score < least) least = score;
    model.tokens_to_ids.set(word, i);
    model.trie?.push(word);
  });
  model.bos_token_id = model.tokens_to_ids.get(model.bos_token as string);
  model.min_score = least;
  model.unk_score = least - 10;
  // Where there is none, neither list has it, as in the library.
  model.unk_token = model.vocab[unknown as number];
  scores[unknown as number] = model.unk_score;
}

const modelOf = (tokenizer: Json): Json => (isRecord(tokenizer['model']) ? tokenizer['model'] : {});

function badVocabulary(label: string, what: string): StudioError {
  return new StudioError(
    'bad-file',
    `The vocabulary in tokenizer.json of ${label} has ${what}. No tokenizer reads it, and prompts would be wrong. Download the file again, or save the tokenizer again with transformers.`,
    { details: { file: 'tokenizer.json', value: what } },
  );
}
