/** Folders as transformers loads them: special tokens, added tokens, chat templates. */
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../test/checkpoint.ts';
import { readJsonFixture } from '../../../test/fixtures.ts';
import { readModelSpec } from '../../../core/family/read-spec.ts';
import type { Checkpoint } from '../../io/contract.ts';
import type { Prompter } from '../contract.ts';
import { loadPrompter } from '../prompter.ts';

type Change = null | string | Readonly<Record<string, unknown>>;

interface Reference {
  readonly question: string;
  readonly text: string;
  readonly cases: readonly {
    readonly name: string;
    readonly changes: Readonly<Record<string, Change>>;
    /** Null where transformers finds no template to use. */
    readonly chat: readonly number[] | null;
    readonly ids: readonly number[];
    readonly decoded: string;
  }[];
}

const base = await readCheckpoint('public/models/demo/base');

/** @param rows ids that the model knows */
async function load(
  changes: Readonly<Record<string, Change>>,
  { rows = 64, from = base, requireTemplate = false } = {},
): Promise<Prompter> {
  const spec = readModelSpec(from.config, from.tensors.keys());
  if (spec.kind === 'unknown') throw new Error(spec.reason);
  const checkpoint: Checkpoint = {
    ...from,
    readText: async (path) => {
      if (!Object.hasOwn(changes, path)) return from.readText(path);
      const change = changes[path] ?? null;
      if (change === null || typeof change === 'string') return change;
      const stored = JSON.parse((await from.readText(path)) ?? '{}') as Record<string, unknown>;
      const made = Object.entries({ ...stored, ...change });
      return JSON.stringify(
        Object.fromEntries(made.filter(([key]) => key === 'post_processor' || change[key] !== null)),
      );
    },
  };
  return loadPrompter(
    checkpoint,
    { ...spec, text: { ...spec.text, vocabSize: rows } },
    undefined,
    requireTemplate,
  );
}

describe('a folder is read as transformers reads it', async () => {
  const { question, text, cases } = await readJsonFixture<Reference>('zoo/reference/tokens/expected.json');

  it.each(cases)('$name', async ({ changes, chat, ids, decoded }) => {
    if (chat === null) {
      await expect(load(changes, { requireTemplate: true })).rejects.toMatchObject({
        code: expect.stringMatching(/^(missing|unsupported)$/),
      });
      if (!('chat_template.json' in changes)) return;
    }
    const prompter = await load(changes);
    if (chat) expect(prompter.prompt(question, { images: 0 })).toEqual(chat);
    expect(prompter.continuation(text)).toEqual(ids);
    expect(prompter.decode(ids)).toBe(decoded);
  });
});

describe('loadPrompter', () => {
  it('names tokens for which the model has no row, and refuses a text that has one', async () => {
    const prompter = await load({ 'added_tokens.json': { '<zz>': 48 } }, { rows: 48 });
    expect(prompter.findings).toMatchObject([
      { code: 'tokens-outside-vocabulary', severity: 'warning', message: expect.stringContaining('<zz>') },
    ]);
    expect(() => prompter.encode('2<zz>')).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message: expect.stringMatching(/<zz>.* id 48.*below 48/),
      }),
    );
    expect((await load({}, { rows: 48 })).findings).toEqual([]);
  });

  it.each(['tokenizer.model', 'tekken.json', 'vocab.json'])(
    'says what to do with a folder that has only %s',
    async (file) => {
      await expect(load({ 'tokenizer.json': null, [file]: '{}' })).rejects.toMatchObject({
        code: 'unsupported',
        message: expect.stringMatching(new RegExp(`${file}.*save it again`)),
        details: { file },
      });
    },
  );

  it('refuses token files that name no token', async () => {
    await expect(load({ 'added_tokens.json': { '<zz>': 'x' } })).rejects.toMatchObject({ code: 'bad-file' });
    await expect(
      load({ 'tokenizer_config.json': { added_tokens_decoder: { 48: 1 } } }),
    ).rejects.toMatchObject({ code: 'bad-file' });
    await expect(load({ 'tokenizer.json': { added_tokens: [{ id: 1 }] } })).rejects.toMatchObject({
      code: 'bad-file',
    });
  });

  it('takes a processor’s template before a tokenizer’s, in the order of transformers', async () => {
    const vlm = await readCheckpoint('public/models/demo/vlm');
    const of = (word: string): string => `{{ bos_token }}${word}`;
    const asked = async (changes: Readonly<Record<string, Change>>): Promise<string> => {
      const prompter = await load(changes, { from: vlm });
      return prompter.decode(prompter.prompt('3', { images: 0 }));
    };
    const files = {
      'processor_config.json': { chat_template: of('1') },
      'chat_template.json': { chat_template: { default: of('2') } },
      'chat_template.jinja': of('3'),
      'additional_chat_templates/default.jinja': of('4'),
      'tokenizer_config.json': { chat_template: of('5') },
    };
    const order = Object.keys(files) as (keyof typeof files)[];
    const answers: string[] = [];
    for (const [i] of order.entries()) {
      const gone = Object.fromEntries(
        order.slice(0, i).map((file) => [file, file.endsWith('.jinja') ? null : {}]),
      );
      answers.push(await asked({ ...files, ...gone }));
    }
    expect(answers).toEqual(['1', '2', '3', '4', '5']);
  });
});
