import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../test/checkpoint.ts';
import { readJsonFixture } from '../../../test/fixtures.ts';
import { readModelSpec } from '../../../core/family/read-spec.ts';
import { loadPrompter } from '../prompter.ts';
import { regexFault } from './regex-fault.ts';
import { comparedTokenizer } from './tokenizer-parts.ts';

type Json = Readonly<Record<string, unknown>>;

interface Reference {
  readonly texts: readonly string[];
  readonly said: readonly string[];
  readonly vocabularies: readonly unknown[];
  /** Null where the tokenizers library itself takes no such part. */
  readonly normalizers: readonly { readonly config: Json; readonly texts: readonly string[] | null }[];
  readonly pre_tokenizers: readonly { readonly config: Json; readonly pieces: readonly string[][] | null }[];
  readonly wholes: readonly {
    readonly name: string;
    readonly tokenizer: Json & { readonly model: Json & { readonly vocab: number } };
    /** With the tokenizer's own first and last tokens, and without. */
    readonly ids: readonly (readonly [readonly number[], readonly number[]])[];
    /** Ids and their text; null where the library fails. */
    readonly decoded: readonly (readonly [readonly number[], string | null])[];
  }[];
}

const reference = await readJsonFixture<Reference>('zoo/reference/tokenizers/expected.json');
const base = await readCheckpoint('public/models/demo/base');
const empty = {
  ...{ normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, added_tokens: [] },
  model: { type: 'BPE', vocab: {}, merges: [] },
};

/** The part as it is used here; null where it is refused. */
function part(name: 'normalizer' | 'pre_tokenizer', config: Json): Tokenizer | null {
  try {
    return new Tokenizer(comparedTokenizer('m', { ...empty, [name]: config }, []), {});
  } catch {
    return null;
  }
}

async function load(json: unknown) {
  const spec = readModelSpec(base.config, base.tensors.keys());
  if (spec.kind === 'unknown') throw new Error(spec.reason);
  const files: Readonly<Record<string, string>> = { 'tokenizer.json': JSON.stringify(json) };
  const checkpoint = { ...base, readText: async (path: string) => files[path] ?? null };
  return loadPrompter(checkpoint, { ...spec, text: { ...spec.text, vocabSize: 1000 } }, undefined, false);
}

describe('a part of tokenizer.json gives what the tokenizers library gives, or is refused', () => {
  const same: string[] = [];
  const refused: string[] = [];

  it.each(reference.normalizers)('normalizer $config', ({ config, texts }) => {
    const made = part('normalizer', config);
    (made ? same : refused).push(`${config['type']}`);
    if (made) expect(reference.texts.map((text) => made.normalizer?.(text) ?? text)).toEqual(texts);
  });

  it.each(reference.pre_tokenizers)('pre-tokenizer $config', ({ config, pieces }) => {
    const made = part('pre_tokenizer', config);
    (made ? same : refused).push(`${config['type']}`);
    if (!made) return;
    const cut = (text: string): string[] => made.pre_tokenizer?.(text, { section_index: 0 }) ?? [text];
    expect(reference.texts.map((text) => cut(text).filter((piece) => piece !== ''))).toEqual(pieces);
  });

  it.each(reference.wholes)('$name', async ({ name, tokenizer, ids, decoded }) => {
    const vocab = reference.vocabularies[tokenizer.model.vocab];
    const made = await load({ ...tokenizer, model: { ...tokenizer.model, vocab } }).catch(() => null);
    (made ? same : refused).push(name);
    if (!made) return;
    expect(reference.said.map((text) => [made.continuation(text), made.encode(text)])).toEqual(ids);
    for (const [written, text] of decoded) if (text !== null) expect(made.decode(written)).toBe(text);
  });

  it('and most are not refused', () => {
    expect(same.length).toBeGreaterThan(90);
    const counted = [...new Set(refused)].sort();
    expect(counted).toEqual(
      [
        ...[
          'BertNormalizer',
          'BertPreTokenizer',
          'ByteLevel',
          'CharDelimiterSplit',
          'FixedLength',
          'Lowercase',
        ],
        ...['Nmt', 'Punctuation', 'Sequence', 'Split', 'UnicodeScripts', 'Whitespace'],
        ...[
          'BPE with continuing_subword_prefix',
          'single_word',
          'special token by another name',
          'WordLevel',
        ],
        ...refused.filter((name) => /^(decoder|WordPiece)/.test(name)),
      ].sort(),
    );
  });
});

describe('what is refused of a tokenizer', () => {
  it.each([
    [{ normalizer: { type: 'Lowercase' } }, 'the part Lowercase'],
    [{ pre_tokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'Contiguous' } }, 'Contiguous'],
    [
      { pre_tokenizer: { type: 'Split', pattern: { Regex: '(.*)*x' }, behavior: 'Isolated' } },
      'repeats what',
    ],
    [{ decoder: { type: 'CTC' } }, 'the part CTC'],
    [{ model: { type: 'BPE', vocab: {}, merges: [], dropout: 0.1 } }, 'dropout'],
    [{ post_processor: { type: 'constructor' } }, 'the part constructor'],
    [{ normalizer: { type: 'NFC', version: 15 } }, 'the option version in the part NFC'],
    [
      { model: { type: 'BPE', vocab: {}, merges: [], merge_rank_offset: 3 } },
      'merge_rank_offset in the part BPE',
    ],
    [
      { pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'ByteLevel', keep_newlines: true }] } },
      'keep_newlines in the part ByteLevel',
    ],
  ])('%j', (change, message) => {
    expect(() => comparedTokenizer('m', { ...empty, ...change }, [])).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining(message) }),
    );
  });

  it('a token whose id is not the one that the tokenizers library would give it', async () => {
    const token = { content: '<x>', id: 9, special: true };
    const model = { type: 'BPE', vocab: { a: 0 }, merges: [] };
    await expect(load({ ...empty, model, added_tokens: [token] })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/<x> the id 9.* reads it as 1/),
    });
  });
});

describe('regexFault', () => {
  it.each([
    '(.*)*x',
    '(a|a)*b',
    '(a+)+',
    '((a*)b)*',
    '(a|b)+',
    '\\s*\\s*\\s*\\s*x',
    '(a)\\1',
    '(a',
    'a)',
    '(x{1,})*',
  ])('refuses %s', (pattern) => {
    expect(regexFault(pattern)).not.toBeNull();
  });
});

describe('an option of another kind, which tokenizers 0.23.3 does not read', () => {
  const [of, kind] = [{ String: 'a' }, { Regex: 'a' }];
  it.each([
    ['model', { ...empty.model, unk_token: 20 }, 'unk_token'],
    ['model', { ...empty.model, unk_token: true }, 'unk_token'],
    ['model', { ...empty.model, fuse_unk: 1 }, 'fuse_unk'],
    ['model', { ...empty.model, byte_fallback: 'no' }, 'byte_fallback'],
    ['model', { ...empty.model, ignore_merges: 0 }, 'ignore_merges'],
    ['model', { ...empty.model, end_of_word_suffix: 5 }, 'end_of_word_suffix'],
    ['normalizer', { type: 'Replace', pattern: of, content: 5 }, 'content'],
    ['normalizer', { type: 'Prepend', prepend: 5 }, 'prepend'],
    ['normalizer', { type: 'Strip', strip_left: 'x', strip_right: true }, 'strip_left'],
    ['pre_tokenizer', { type: 'Split', pattern: kind, behavior: 'Isolated', invert: 'no' }, 'invert'],
    ['pre_tokenizer', { type: 'Digits', individual_digits: 'x' }, 'individual_digits'],
    ['pre_tokenizer', { type: 'ByteLevel', add_prefix_space: 'no', use_regex: true }, 'add_prefix_space'],
    ['decoder', { type: 'Strip', content: ' ', start: '1', stop: 0 }, 'start'],
    ['decoder', { type: 'WordPiece', prefix: '#', cleanup: 'x' }, 'cleanup'],
    ['decoder', { type: 'BPEDecoder', suffix: 4 }, 'suffix'],
  ])('in %s: %j', (name, config, option) => {
    expect(() => comparedTokenizer('m', { ...empty, [name]: config }, [])).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message: expect.stringMatching(new RegExp(`has .* as the ${option} of the part`)),
      }),
    );
  });

  it('null is none of them, and is what the library takes for its own value', () => {
    const model = { ...empty.model, unk_token: null, fuse_unk: null, byte_fallback: null };
    expect(() => comparedTokenizer('m', { ...empty, model }, [])).not.toThrow();
  });
});
