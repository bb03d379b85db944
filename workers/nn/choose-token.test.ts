import { describe, expect, it } from 'vitest';
import { readJsonFixture } from '../../test/fixtures.ts';
import { generationConfigRules, readGenerationConfig } from '../../core/reading/generation-config.ts';
import { chooseToken } from './choose-token.ts';

interface Reference {
  readonly stop: readonly number[];
  readonly cases: readonly {
    readonly name: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly choices: readonly {
      readonly prompt: readonly number[];
      readonly answer: readonly number[];
      readonly scores: readonly number[];
      readonly token: number;
    }[];
  }[];
}

const { stop, cases } = await readJsonFixture<Reference>('zoo/reference/answers/expected.json');

describe('chooseToken', () => {
  it.each(cases)('leaves the token that transformers leaves: $name', ({ config, choices }) => {
    const { rules } = readGenerationConfig('m', config);
    const chosen = choices.map(({ prompt, answer, scores }) =>
      chooseToken(
        { ...rules, stopIds: stop },
        Float32Array.from(scores),
        [...prompt, ...answer],
        answer.length,
      ),
    );
    expect(chosen).toEqual(choices.map(({ token }) => token));
  });

  it('is a choice that the settings change', () => {
    const [plain, ...others] = cases;
    const tokens = ({ choices }: Reference['cases'][number]): number[] => choices.map(({ token }) => token);
    expect(plain?.name).toBe('nothing');
    for (const other of others)
      if (other.name !== 'no_repeat_ngram_size longer than all')
        expect(tokens(other), other.name).not.toEqual(tokens(plain as Reference['cases'][number]));
  });
});

describe('readGenerationConfig', () => {
  it('is plain where nothing changes a greedy answer', () => {
    const config = {
      do_sample: true,
      temperature: 0.7,
      top_p: 0.8,
      eos_token_id: [1, 2],
      repetition_penalty: 1,
    };
    expect(readGenerationConfig('m', config)).toMatchObject({
      plain: true,
      findings: [],
      rules: { stopIds: [1, 2] },
    });
    expect(readGenerationConfig('m', {})).toMatchObject({
      plain: true,
      findings: [],
      rules: { stopIds: null },
    });
    for (const { name, config: changed } of cases)
      expect(readGenerationConfig('m', changed).plain, name).toBe(name === 'nothing');
  });

  it('names what it does not heed, and what it does not know', () => {
    const { findings } = readGenerationConfig('m', {
      num_beams: 4,
      guidance_scale: 1,
      token_healing: false,
      stop_strings: ['\n'],
      chat_format: 'raw',
    });
    expect(findings).toMatchObject([{ code: 'generation-config-not-heeded', severity: 'warning' }]);
    expect(findings[0]?.message).toMatch(/num_beams.*stop_strings.*chat_format/);
    expect(findings[0]?.message).not.toMatch(/guidance_scale|token_healing/);
  });

  it.each([
    ['eos_token_id', 'x'],
    ['eos_token_id', []],
    ['suppress_tokens', [-1]],
    ['bad_words_ids', [[]]],
    ['bad_words_ids', [1]],
    ['repetition_penalty', 0],
    ['no_repeat_ngram_size', 1.5],
    ['min_new_tokens', 'two'],
  ])('refuses %s %j', (key, value) => {
    expect(() => readGenerationConfig('m', { [key]: value })).toThrow(
      expect.objectContaining({ code: 'bad-file', message: expect.stringContaining(key) }),
    );
  });

  it('has a rule for each key that a file of transformers may have', () => {
    expect(Object.keys(generationConfigRules.keys).length).toBeGreaterThan(70);
  });
});
