/** Every key of tokenizer_config.json and special_tokens_map.json is used, harmless or named. */
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../test/checkpoint.ts';
import { vlmReferences } from '../../../test/vlm.ts';
import { readModelSpec } from '../../../core/family/read-spec.ts';
import { loadPrompter } from '../prompter.ts';

type Json = Record<string, unknown>;

async function load(folder: string, changes: Readonly<Record<string, Json>> = {}) {
  const checkpoint = await readCheckpoint(folder);
  const spec = readModelSpec(checkpoint.config, checkpoint.tensors.keys());
  if (spec.kind === 'unknown') throw new Error(spec.reason);
  const readText = async (path: string) => {
    const text = await checkpoint.readText(path);
    if (!Object.hasOwn(changes, path)) return text;
    return JSON.stringify({ ...(JSON.parse(text ?? '{}') as Json), ...changes[path] });
  };
  return loadPrompter({ ...checkpoint, readText }, spec, undefined, false);
}
const base = 'public/models/demo/base';
const findingsOf = async (file: string, change: Json) => (await load(base, { [file]: change })).findings;

describe('the tokenizer of a folder', () => {
  const folders = [
    ...['base', 'lrm', 'vlm'].map((name) => `public/models/demo/${name}`),
    ...vlmReferences.map((name) => `zoo/reference/vlm/${name}`),
  ];
  it.each(folders)('has nothing to name in %s', async (folder) => {
    const { findings } = await load(folder);
    expect(findings.filter(({ code }) => code !== 'tokenizer-class-builds-anew')).toEqual([]);
  });

  it.each<[Json, string, string]>([
    [{ split_special_tokens: true }, 'warning', 'split_special_tokens (special tokens in a text are split'],
    [{ auto_map: { AutoTokenizer: ['x.Y', null] } }, 'warning', 'auto_map (it names code'],
    [{ fix_mistral_regex: true }, 'warning', 'fix_mistral_regex (the pattern'],
    [{ novel: 3, __proto__x: 1 }, 'info', 'has 2 settings'],
    [{ bos_token: 5 }, 'info', 'bos_token (what it does'],
  ])('names %j', async (change, severity, message) => {
    const found = await findingsOf('tokenizer_config.json', change);
    expect(found).toMatchObject([{ code: 'tokenizer-config-not-heeded', severity }]);
    expect(found[0]?.message).toContain(message);
  });

  it('names what special_tokens_map.json has beside tokens, where it counts', async () => {
    expect(await findingsOf('special_tokens_map.json', { novel: ['x'] })).toMatchObject([
      { code: 'special-tokens-not-heeded', severity: 'info' },
    ]);
    const { findings } = await load(base, {
      'special_tokens_map.json': { novel: ['x'] },
      'tokenizer_config.json': { added_tokens_decoder: {} },
    });
    expect(findings).toEqual([]);
  });

  it('names what tokenizer.json has beside its parts', async () => {
    expect(
      await findingsOf('tokenizer.json', { novel: 'x', padding: { strategy: 'BatchLongest' } }),
    ).toMatchObject([{ code: 'tokenizer-not-heeded', message: expect.stringContaining('a setting that') }]);
  });

  it('passes over what is switched off', async () => {
    const off = { split_special_tokens: false, do_lower_case: false, novel: null, auto_map: null };
    expect(await findingsOf('tokenizer_config.json', off)).toEqual([]);
  });

  it('heeds add_prefix_space of a class that is built anew', async () => {
    const folder = 'zoo/reference/vlm/qwen2-vl';
    const { findings } = await load(folder, { 'tokenizer_config.json': { add_prefix_space: true } });
    expect(findings).toMatchObject([{ code: 'tokenizer-class-builds-anew' }]);
  });
});

describe('spaces before punctuation', () => {
  const decode = async (config: Json, model: Json) => {
    const tokenizer = {
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: null,
      post_processor: null,
      decoder: null,
      model: { unk_token: '<unk>', vocab: { '<unk>': 0, a: 1, '?': 2, ' ?': 3, '.': 4 }, ...model },
    };
    const none = Object.fromEntries(
      ['bos_token', 'eos_token', 'unk_token', 'pad_token', 'extra_special_tokens'].map((key) => [key, null]),
    );
    const prompter = await load(base, {
      'tokenizer.json': tokenizer,
      'tokenizer_config.json': { ...none, ...config },
      'special_tokens_map.json': none,
    });
    return prompter.decode([1, 2]);
  };
  const clean = { clean_up_tokenization_spaces: true };

  it('stay in the answers of a BPE, as in transformers 5', async () => {
    expect(await decode(clean, { type: 'BPE', merges: [] })).toBe('a ?');
    const forced = { clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output: true };
    expect(await decode({ ...clean, ...forced }, { type: 'BPE', merges: [] })).toBe('a?');
    expect(await decode({}, { type: 'BPE', merges: [] })).toBe('a ?');
  });
});
