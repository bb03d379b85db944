/**
 * The tokens that a folder names beside its tokenizer.json, merged as `transformers` 5.23 merges them when it loads
 * the folder (`PreTrainedTokenizerBase._from_pretrained`, `TokenizersBackend.__init__`). Pure.
 */
import { StudioError } from '../../../core/errors.ts';
import { showJson } from '../../../core/json-field.ts';
import { isRecord } from '../../../core/records.ts';

type Json = Readonly<Record<string, unknown>>;

export interface TokenFiles {
  /** For messages. */
  readonly label: string;
  readonly tokenizer: Json;
  /** tokenizer_config.json */
  readonly config: Json;
  readonly specialTokensMap: Json | null;
  /** added_tokens.json: ids by token. */
  readonly addedTokens: Json | null;
}

/** An entry of `added_tokens` in tokenizer.json. */
export interface AddedEntry {
  readonly id: number;
  readonly content: string;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: boolean;
}

export interface MergedTokens {
  readonly added: readonly AddedEntry[];
  /** `bos_token` and its like, which templates and processors refer to by name. */
  readonly named: Readonly<Record<string, string>>;
  /** Tokens that the vocabulary did not have; their ids follow its last one. */
  readonly beyond: readonly AddedEntry[];
}

/** Of the vocabulary (vocabulary.ts). */
interface Words {
  readonly ids: ReadonlyMap<string, number>;
  readonly size: number;
}

type Token = Omit<AddedEntry, 'id'>;

const attributes = [
  'bos_token',
  'eos_token',
  'unk_token',
  'sep_token',
  'pad_token',
  'cls_token',
  'mask_token',
];

export function mergeTokens(files: TokenFiles, words: Words): MergedTokens {
  const { config, specialTokensMap } = files;
  const own = ownTokens(files);
  checkPlaces(files, own, words);
  // special_tokens_map.json is of the time before added_tokens_decoder, and overrules tokenizer_config.json then.
  const modern = isRecord(config['added_tokens_decoder']);
  const map = modern ? null : specialTokensMap;
  const merged: Record<string, unknown> = { ...config };
  if (merged['extra_special_tokens'] === undefined)
    merged['extra_special_tokens'] = merged['additional_special_tokens'];
  for (const [key, value] of Object.entries(map ?? {}))
    merged[key] =
      key === 'extra_special_tokens' && Array.isArray(value)
        ? [...listOf(merged[key]), ...(value as unknown[])]
        : value;
  merged['extra_special_tokens'] ??= merged['additional_special_tokens'];
  const extra = merged['extra_special_tokens'];

  const named = new Map<string, Token>();
  const name = (from: Json, wanted: (key: string) => boolean): void => {
    for (const [key, value] of Object.entries(from)) {
      const token = wanted(key) ? tokenOf(value, true) : null;
      if (token) named.set(key, token);
    }
  };
  name(merged, (key) => attributes.includes(key));
  name(merged, (key) => key.endsWith('_token') && !attributes.includes(key));
  if (isRecord(extra)) name(extra, () => true);
  const extras = listOf(extra).flatMap((value) => tokenOf(value, true) ?? []);

  const decoder = new Map<number, Token>();
  if (modern)
    for (const [id, value] of Object.entries(config['added_tokens_decoder'] as Json)) {
      const token = tokenOf(value, false);
      if (!token || !/^\d+$/.test(id) || !isTokenId(Number(id)))
        throw badFile(files, 'tokenizer_config.json', `added_tokens_decoder["${id}"]`);
      decoder.set(Number(id), token);
    }
  else {
    const special = new Set([...attributes.flatMap((key) => named.get(key)?.content ?? []), ...extras.map(({ content }) => content)]); // prettier-ignore
    for (const [content, id] of Object.entries(files.addedTokens ?? {})) {
      if (!isTokenId(id) || halfPair.test(content))
        throw badFile(files, 'added_tokens.json', showJson(content));
      decoder.set(id, plainToken(content, special.has(content)));
    }
    for (const { id, ...token } of own) decoder.set(id, token);
  }

  const wanted = [...decoder].sort(([a], [b]) => a - b).map(([, token]) => token);
  const known = new Set([...own, ...wanted].map(({ content }) => content));
  for (const token of [...named.values(), ...extras])
    if (!known.has(token.content)) {
      known.add(token.content);
      wanted.push(token);
    }
  const specialNames = new Set([...named.values()].map(({ content }) => content));
  const { added, beyond } = add(
    own,
    wanted.map((token) => ({ ...token, special: token.special || specialNames.has(token.content) })),
    words,
  );
  return { added, beyond, named: Object.fromEntries([...named].map(([key, { content }]) => [key, content])) };
}

/** As `Tokenizer.add_tokens`: a known token keeps its id and takes the new flags, a new one gets the next id. */
function add(
  own: readonly AddedEntry[],
  wanted: readonly Token[],
  { ids, size }: Words,
): Pick<MergedTokens, 'added' | 'beyond'> {
  const added = new Map(own.map((entry) => [entry.content, entry]));
  const beyond: AddedEntry[] = [];
  let next = Math.max(size, ...own.map(({ id }) => id + 1));
  for (const token of wanted) {
    if (token.content === '') continue;
    const known = added.get(token.content)?.id ?? ids.get(token.content);
    const entry = { id: known ?? next++, ...token };
    if (known === undefined) beyond.push(entry);
    added.set(token.content, entry);
  }
  return { added: [...added.values()], beyond };
}

/** The `tokenizers` library does not heed the ids of `added_tokens`: it counts on from the vocabulary. */
function checkPlaces(files: TokenFiles, own: readonly AddedEntry[], { ids, size }: Words): void {
  let next = size;
  for (const { id, content } of own) {
    const known = ids.get(content);
    const place = known ?? next;
    if (place !== id)
      throw new StudioError(
        'unsupported',
        `tokenizer.json of ${files.label} gives the token ${content} the id ${id}, and the tokenizers library reads it as ${place}. Which one the model was trained with is not known; save the tokenizer again with transformers.`,
        { details: { file: 'tokenizer.json', value: content } },
      );
    next = Math.max(next, id + 1);
  }
}

/** The `tokenizers` library reads ids as 32 bits without a sign, and refuses a file with any other. */
export const isTokenId = (id: unknown): id is number =>
  typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < 2 ** 32;

/** An escape such as \ud83d by itself, which is no text: the `tokenizers` library refuses a file with one. */
export const halfPair = /\p{Surrogate}/u;

function ownTokens(files: TokenFiles): AddedEntry[] {
  return listOf(files.tokenizer['added_tokens']).map((entry, i) => {
    const token = tokenOf(entry, false);
    const id = isRecord(entry) ? entry['id'] : undefined;
    if (!token || !isTokenId(id)) throw badFile(files, 'tokenizer.json', `added_tokens[${i}]`);
    return { id, ...token };
  });
}

/** A token as it is stored: a text, or an object with its content and how it is looked for. */
function tokenOf(value: unknown, special: boolean): Token | null {
  if (typeof value === 'string') return halfPair.test(value) ? null : plainToken(value, special);
  if (!isRecord(value) || typeof value['content'] !== 'string' || halfPair.test(value['content']))
    return null;
  const flag = (key: string, otherwise: boolean): boolean =>
    typeof value[key] === 'boolean' ? value[key] : otherwise;
  const isSpecial = special || flag('special', false);
  return {
    content: value['content'],
    single_word: flag('single_word', false),
    lstrip: flag('lstrip', false),
    rstrip: flag('rstrip', false),
    normalized: flag('normalized', !isSpecial),
    special: isSpecial,
  };
}

function plainToken(content: string, special: boolean): Token {
  return { content, single_word: false, lstrip: false, rstrip: false, normalized: !special, special };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function badFile({ label }: TokenFiles, file: string, place: string): StudioError {
  return new StudioError(
    'bad-file',
    `${file} of ${label} has no token at ${place}. Save the tokenizer again with transformers.`,
    { details: { file, value: place } },
  );
}
