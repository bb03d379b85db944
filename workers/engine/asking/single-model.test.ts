/** Answers by a model's own generation_config.json, against those of transformers. */
import { beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../test/checkpoint.ts';
import { readJsonFixture } from '../../../test/fixtures.ts';
import { nodeHost } from '../../backend/host.node.ts';
import { startBackend } from '../../backend/start.ts';
import { loadSingleModel } from './single-model.ts';

interface Reference {
  readonly question: string;
  readonly prompt: readonly number[];
  readonly generated: readonly {
    readonly name: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly ids: readonly number[];
  }[];
}

beforeAll(() => startBackend('wasm', nodeHost()));

describe('loadSingleModel answers as transformers.generate does', async () => {
  const { question, prompt, generated } = await readJsonFixture<Reference>(
    'zoo/reference/answers/expected.json',
  );
  const base = await readCheckpoint('public/models/demo/base');
  const { signal } = new AbortController();
  const load = (config: Readonly<Record<string, unknown>>) =>
    loadSingleModel(
      {
        ...base,
        readText: async (path) =>
          path === 'generation_config.json'
            ? JSON.stringify({ eos_token_id: 2, ...config })
            : base.readText(path),
      },
      signal,
    );

  it.each(generated)('with $name', async ({ config, ids }) => {
    const model = await load(config);
    const answer = await model.generate({ text: question, image: null, raw: false }, 10, signal);
    model.dispose();
    expect(answer.promptIds).toEqual(prompt);
    expect(answer.ids).toEqual(ids);
  });

  it('and says what it does not heed', async () => {
    const model = await load({ num_beams: 3 });
    model.dispose();
    expect(model.findings).toMatchObject([{ code: 'generation-config-not-heeded' }]);
  });
});

it.each([
  ['NaN', NaN, {}],
  ['an infinite number', Infinity, {}],
  ['NaN, and rules for its answers', NaN, { repetition_penalty: 1.2 }],
  ['a negative infinite number, and rules for its answers', -Infinity, { suppress_tokens: [5] }],
])('neither answers nor gives logits where weights hold %s', async (_, value, config) => {
  const base = await readCheckpoint('public/models/demo/base');
  const { signal } = new AbortController();
  const model = await loadSingleModel(
    {
      ...base,
      label: 'models/broken',
      readText: async (path) =>
        path === 'generation_config.json'
          ? JSON.stringify({ eos_token_id: 2, ...config })
          : base.readText(path),
      readFloat32: async (name, asking) => {
        const values = await base.readFloat32(name, asking);
        return name.endsWith('norm.weight') ? values.fill(value, 0, 1) : values;
      },
    },
    signal,
  );
  const said =
    /The logits of the model models\/broken are no finite numbers for this prompt.* Download the weights again/;
  for (const raw of [true, false]) {
    const ask = { text: '2+3', image: null, raw };
    await expect(model.logits(ask, signal)).rejects.toThrow(said);
    await expect(model.generate(ask, 10, signal)).rejects.toThrow(said);
  }
  model.dispose();
});
