/** Folders whose tokenizer class builds its parts anew, against the ids of transformers. */
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../test/checkpoint.ts';
import { readJsonFixture } from '../../../test/fixtures.ts';
import { readModelSpec } from '../../../core/family/read-spec.ts';
import { loadPrompter } from '../prompter.ts';
import { asItsClass, tokenizerClass } from './tokenizer-class.ts';

type Json = Readonly<Record<string, unknown>>;

interface Reference {
  readonly text: string;
  readonly models: { readonly bytes: Json; readonly spaces: Json };
  readonly cases: readonly {
    readonly name: string;
    /** The class that AutoTokenizer made. */
    readonly made: string;
    readonly spaces: boolean;
    readonly changes: Readonly<Record<string, Json | null>>;
    readonly ids: readonly number[];
    readonly decoded: string;
  }[];
}

const base = await readCheckpoint('public/models/demo/base');
const { text, models, cases } = await readJsonFixture<Reference>('zoo/reference/tokens/classes.json');
const kept = (record: Json): Json =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));

async function files({ changes, spaces }: Reference['cases'][number]) {
  const read = async (path: string): Promise<Json> => JSON.parse((await base.readText(path)) ?? '{}') as Json;
  const stated = changes['tokenizer.json'] as Json;
  const model = { ...models[spaces ? 'spaces' : 'bytes'], ...(stated['model'] as Json) };
  return {
    label: 'A',
    model: kept({ ...(base.config as Json), ...changes['config.json'] }),
    config: kept({ ...(await read('tokenizer_config.json')), ...changes['tokenizer_config.json'] }),
    tokenizer: { ...(await read('tokenizer.json')), ...stated, model },
  };
}

async function load(one: Reference['cases'][number]) {
  const spec = readModelSpec(base.config, base.tensors.keys());
  if (spec.kind === 'unknown') throw new Error(spec.reason);
  const { model, config, tokenizer } = await files(one);
  const changed: Readonly<Record<string, string | null>> = {
    'tokenizer.json': JSON.stringify(tokenizer),
    'tokenizer_config.json': JSON.stringify(config),
    'special_tokens_map.json': null,
  };
  const readText = async (path: string) =>
    Object.hasOwn(changed, path) ? (changed[path] ?? null) : base.readText(path);
  const known = { ...spec, text: { ...spec.text, vocabSize: 1000 } };
  return loadPrompter({ ...base, config: model, readText }, known, undefined, false);
}

describe('the tokenizer class of a folder', () => {
  it.each(cases)('$name', async (one) => {
    expect(tokenizerClass(await files(one)).name).toBe(one.made);
    const prompter = await load(one);
    expect(prompter.continuation(text)).toEqual(one.ids);
    expect(prompter.decode(one.ids)).toBe(one.decoded);
  });

  it('is named where it builds other parts than tokenizer.json has, and only there', async () => {
    for (const one of cases) {
      const { tokenizer, findings } = asItsClass(await files(one));
      const anew = one.made !== 'TokenizersBackend';
      const expected = anew ? [{ code: 'tokenizer-class-builds-anew', severity: 'info' }] : [];
      expect(findings, one.name).toMatchObject(expected);
      expect(asItsClass({ ...(await files(one)), tokenizer }).findings).toEqual([]);
    }
  });

  it.each([
    ['BertTokenizerFast', 'llama', 'set tokenizer_class'],
    ['WhisperTokenizer', 'llama', 'set tokenizer_class'],
    ['T5Tokenizer', 'novel', 'set tokenizer_class'],
  ])('%s of a %s is named as one that was not compared', (tokenizer_class, model_type, remedy) => {
    const tokenizer = { model: { type: 'BPE', vocab: {}, merges: [] } };
    const { findings } = asItsClass({ label: 'A', model: { model_type }, config: { tokenizer_class }, tokenizer }); // prettier-ignore
    expect(findings).toMatchObject([
      {
        code: 'tokenizer-class-not-compared',
        severity: 'warning',
        message: expect.stringContaining(tokenizer_class.replace('Fast', '')),
        remedy: expect.stringContaining(remedy),
      },
    ]);
  });

  it('is named where tokenizer.json has another model than the class', () => {
    const tokenizer = { model: { type: 'Unigram', vocab: [], unk_id: 0 } };
    const folder = { label: 'A', model: { model_type: 'qwen2' }, config: {}, tokenizer };
    expect(asItsClass(folder)).toMatchObject({
      tokenizer,
      findings: [{ severity: 'warning', message: expect.stringContaining('Unigram') }],
    });
  });
});
