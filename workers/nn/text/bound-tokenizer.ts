/**
 * A tokenizer of `@huggingface/tokenizers` 0.2 that counts what it does (core/work.ts). Its parts come from somebody
 * else's tokenizer.json: their expressions are replaced by counted ones, and where a part can take far longer than in
 * proportion to its text, or make far more of it, that is counted before it is done.
 */
import type { Tokenizer } from '@huggingface/tokenizers';
import { CountedRegExp } from '../../../core/expressions/counted-regexp.ts';
import { spend } from '../../../core/work.ts';
import { longestOf } from './tokenizer-limits.ts';

/** Of a character that goes through a part: some of them encode it to bytes, or decompose it. */
const perCharacter = 8;
/** Of a character that is merged with others: pairs are written, looked up and put in order. */
const perMerged = 20;
/** Of a way through a text that is to be compared with others. */
const perWay = 20;
/** Of a place where an added token may begin, for each character that the longest of them has. */
const perBegin = 1 / 4;

type Texts = string | readonly string[];

/** What is used of a part, of the library's classes. */
interface Part {
  pattern?: unknown;
  readonly config?: { readonly pattern?: unknown; readonly content?: unknown };
  readonly normalizers?: readonly unknown[];
  readonly tokenizers?: readonly unknown[];
  readonly decoders?: readonly unknown[];
  normalize?: (text: string) => string;
  pre_tokenize_text?: (text: string, options?: unknown) => Texts;
  decode_chain?: (tokens: readonly string[]) => readonly string[];
}

interface Model {
  readonly tokens_to_ids: ReadonlyMap<string, number>;
  readonly unk_token_id?: number;
  readonly unk_token?: string | null;
  readonly fuse_unk?: boolean;
  readonly byte_fallback?: boolean;
  readonly end_of_word_suffix?: string | null;
  /** Of Unigram, by characters. */
  readonly trie?: { readonly root: TrieNode; common_prefix_search: unknown };
  readonly max_input_chars_per_word?: number;
  readonly merges?: readonly (readonly string[])[];
  _call: (tokens: readonly string[]) => readonly string[];
  encode: (tokens: readonly string[]) => readonly string[];
  bpe?: (token: string) => string[];
  populate_nodes?: (lattice: Lattice) => void;
  tokenize?: (text: string) => readonly string[];
}

interface TrieNode {
  readonly is_leaf: boolean;
  readonly children: ReadonlyMap<string, TrieNode>;
}

interface Lattice {
  readonly begin_nodes: readonly (readonly unknown[])[];
  readonly end_nodes: readonly (readonly unknown[])[];
}

interface Splitter {
  split: (text: string) => string[];
}

export function boundTokenizer(tokenizer: Tokenizer, added: readonly { readonly content: string }[]): void {
  const longestAdded = longestOf(added);
  boundPart(tokenizer.normalizer);
  boundPart(tokenizer.pre_tokenizer);
  boundPart(tokenizer.decoder);
  boundModel(tokenizer.model as unknown as Model);
  const { splitter_unnormalized, splitter_normalized } = tokenizer as unknown as Readonly<
    Record<string, Splitter>
  >;
  for (const splitter of [splitter_unnormalized, splitter_normalized] as Splitter[]) {
    const split = splitter.split.bind(splitter);
    splitter.split = (text) => {
      spend(text.length * (1 + perBegin * longestAdded));
      return split(text);
    };
  }
}

/** The parts are functions with members. */
function boundPart(whole: unknown): void {
  if (whole === null || whole === undefined) return;
  const part = whole as Part;
  for (const one of [...(part.normalizers ?? []), ...(part.tokenizers ?? []), ...(part.decoders ?? [])])
    boundPart(one);
  // Those of the library itself are linear.
  if (part.pattern instanceof RegExp && part.config?.pattern !== undefined) {
    const { content } = part.config;
    part.pattern = new CountedRegExp(part.pattern, 'gu', typeof content === 'string' ? content.length : 0);
  }
  const { normalize, pre_tokenize_text, decode_chain } = part;
  if (normalize) part.normalize = counting(normalize.bind(part));
  if (pre_tokenize_text) part.pre_tokenize_text = counting(pre_tokenize_text.bind(part));
  if (decode_chain) part.decode_chain = counting(decode_chain.bind(part));
}

/** What goes in counts before, and what comes out behind: no part makes of one character more than a few. */
function counting<In extends Texts, More extends unknown[], Out extends Texts>(
  run: (texts: In, ...more: More) => Out,
): (texts: In, ...more: More) => Out {
  return (texts, ...more) => {
    spend(perCharacter * sizeOf(texts));
    const made = run(texts, ...more);
    spend(perCharacter * sizeOf(made));
    return made;
  };
}

function sizeOf(texts: Texts): number {
  if (typeof texts === 'string') return 1 + texts.length;
  return texts.reduce((sum, { length }) => sum + 1 + length, 0);
}

function boundModel(model: Model): void {
  const { bpe, encode, trie, populate_nodes: populate, max_input_chars_per_word: longestWord } = model;
  if (bpe) {
    const longest = (model.merges ?? []).reduce(
      (most, [a = '', b = '']) => Math.max(most, a.length + b.length),
      0,
    );
    const merge = bpe.bind(model);
    const leavesOut = (model.unk_token ?? null) === null && !model.end_of_word_suffix;
    model.bpe = (token) => {
      spend(token.length * (perMerged + longest / 8));
      return merge(leavesOut ? knownLetters(token, model) : token);
    };
  }
  if (trie && populate) {
    const ways = populate.bind(model);
    trie.common_prefix_search = (characters: readonly string[], begin = 0) =>
      prefixes(trie.root, characters, begin);
    model.populate_nodes = (lattice) => {
      ways(lattice);
      // Each token that begins at a place is put behind each one that ends there.
      lattice.begin_nodes.forEach((begin, place) =>
        spend(begin.length * (lattice.end_nodes[place]?.length ?? 0)),
      );
    };
  }
  // The library hands all pieces of a text on as arguments of one call, which has no room for very many.
  const { tokenize } = model;
  if (tokenize) model.encode = (texts) => texts.flatMap((text) => tokenize.call(model, text));
  if (longestWord !== undefined) {
    const cut = encode.bind(model);
    // Every piece of a word is looked up, from each beginning the longest first.
    model.encode = (words) => {
      for (const { length } of words) spend(perCharacter + Math.min(length, longestWord) ** 3 / 16);
      return cut(words);
    };
  }
  model._call = (tokens) => {
    const pieces = model.encode(tokens);
    return model.fuse_unk === true ? fused(pieces, model) : pieces;
  };
}

/**
 * The letters that are tokens. Where there is no unknown token, the reference leaves out the others before it
 * merges, so that their neighbours may be joined; the library leaves them out afterwards.
 */
function knownLetters(text: string, { tokens_to_ids, byte_fallback }: Model): string {
  const bytes = (letter: string): string[] =>
    Array.from(
      new TextEncoder().encode(letter),
      (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
    );
  return [...text]
    .filter(
      (letter) =>
        tokens_to_ids.has(letter) ||
        (byte_fallback === true && bytes(letter).every((byte) => tokens_to_ids.has(byte))),
    )
    .join('');
}

/** The library's own search, counted: each stored text that `characters` have at `begin`, the shortest first. */
function* prefixes(root: TrieNode, characters: readonly string[], begin: number): Generator<string> {
  let prefix = '';
  let node: TrieNode | undefined = root;
  for (let at = begin; at < characters.length; at++) {
    spend(1);
    const character = characters[at] as string;
    prefix += character;
    node = node.children.get(character);
    if (!node) return;
    if (!node.is_leaf) continue;
    spend(perWay + prefix.length);
    yield prefix;
  }
}

/**
 * Unknown pieces in a row are one unknown token. The library puts their texts together and looks each of them up,
 * which takes the square of their number.
 */
function fused(pieces: readonly string[], { tokens_to_ids, unk_token_id, unk_token }: Model): string[] {
  const made: string[] = [];
  let unknown = false;
  for (const piece of pieces) {
    const is = (tokens_to_ids.get(piece) ?? unk_token_id) === unk_token_id;
    if (!is) made.push(piece);
    else if (!unknown) made.push(unk_token ?? piece);
    unknown = is;
  }
  return made;
}
