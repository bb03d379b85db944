/** What test sets and calibration ask of the demo's VLM that it cannot do. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readCheckpoint } from '../../../test/checkpoint.ts';
import { readModelSpec } from '../../../core/family/read-spec.ts';
import { StudioError } from '../../../core/errors.ts';
import type { ScoringRule } from '../../../protocol/session.ts';
import { loadPreprocessor } from '../../nn/preprocess.ts';
import { loadPrompter } from '../../nn/prompter.ts';
import type { DataSet } from './data-set.ts';
import { openingSample } from './memory-facts.ts';
import { sampleFindings, setFindings, unwrittenLessons } from './set-findings.ts';

const { signal } = new AbortController();
const checkpoint = await readCheckpoint('public/models/demo/vlm');
const spec = readModelSpec(checkpoint.config, checkpoint.tensors.keys());
if (spec.kind !== 'vlm') throw new Error(spec.kind);
const vlm = {
  prompter: await loadPrompter(checkpoint, spec, signal),
  preprocessor: await loadPreprocessor(checkpoint, spec, signal),
};

type Item = Readonly<Record<'prompt' | 'answer', string>>;

const setOf = (items: readonly Item[], scoring: ScoringRule) => ({
  items: items.map((item) => ({ ...item, task: 't', image: 0 })),
  scoring,
  images: 1,
  tile: 32,
  // What is said of a set needs no pixel of it.
  sheet: () => Promise.reject(new StudioError('missing', 'no sheet')),
});

const found = (
  items: readonly Item[],
  scoring: ScoringRule = 'exact',
  answerTokens = 32,
  prompter: Partial<typeof vlm.prompter> = {},
) =>
  setFindings(
    {
      label: 'the VLM',
      plan: { vlm: { ...vlm, prompter: { ...vlm.prompter, ...prompter } }, spec },
      sets: { calibration: null, composed: null, perception: setOf(items, scoring), reasoning: null },
      answerTokens,
    },
    signal,
  );

test.each(['perception', 'reasoning'])('nothing is said of the demo’s own %s set', async (name) => {
  const { items, scoring } = JSON.parse(readFileSync(`public/models/demo/data/${name}.json`, 'utf8')) as {
    readonly items: readonly Item[];
    readonly scoring: ScoringRule;
  };
  expect(items.length).toBeGreaterThan(100);
  expect(found(items, scoring)).toEqual([]);
});

test.each<[string, ScoringRule]>([
  ['π', 'exact'],
  ['2+2=fünf', 'final'],
  ['7 & 8', 'exact'],
])('an answer that the tokenizer cannot write is named: %s', async (answer, scoring) => {
  const findings = found(
    [
      { prompt: 'read', answer },
      { prompt: 'read', answer: '1=1' },
    ],
    scoring,
  );
  expect(findings).toMatchObject([{ code: 'perception-answers-unwritable', severity: 'warning' }]);
  expect(findings[0]?.message).toContain(
    `The tokenizer of the VLM cannot write 1 of the 2 answers that the perception set expects, such as “${answer}”`,
  );
});

test('a result alone is an answer by “final”, and white space at the ends of an answer is named', () => {
  expect(found([{ prompt: 'read', answer: '-19' }], 'final')).toEqual([]);
  for (const answer of ['7*8-3\n', '7 ', ' 7'])
    expect(
      found(
        [
          { prompt: 'read', answer },
          { prompt: 'read', answer: '1' },
        ],
        'exact',
        32,
        { decode: () => answer },
      ).map(({ code, message }) => `${code}: ${message}`),
    ).toContainEqual(
      `perception-answers-blank-ends: 1 of the 2 answers that the perception set expects begin or end with white space, such as ${JSON.stringify(answer)}. An answer is right there only with the same white space.`,
    );
});

test('letters of prompts for which the tokenizer has no token are named, of test sets and of lessons', () => {
  const [finding, ...others] = found([{ prompt: 'READ read', answer: '1' }]);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ code: 'perception-prompts-unwritable', severity: 'warning' });
  expect(finding?.message).toBe(
    'The tokenizer of the VLM has no token for 4 letters in the prompts of the perception set: “R”, “E”, “A”, “D”.',
  );
  const calibration = setOf([{ prompt: 'żółć', answer: '' }], 'exact');
  expect(
    unwrittenLessons({ calibration, traces: ['1+2', 'π'] }, 'the VLM', { vlm }).map(({ code, message }) => [
      code,
      /no token for .* in/.exec(message)?.[0],
    ]),
  ).toEqual([
    ['calibration-prompts-unwritable', 'no token for 4 letters in'],
    ['trace-prompts-unwritable', 'no token for a letter in'],
  ]);
});

test('so is one that is longer than an answer may be', async () => {
  const items = ['1+2', '1+2+3+4'].map((answer) => ({ prompt: 'read', answer }));
  expect(found(items, 'exact', 7)).toEqual([]);
  const [finding, ...others] = found(items, 'exact', 5);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ code: 'perception-answers-too-long', severity: 'warning' });
  expect(finding?.message).toMatch(
    /^1 of the 2 answers .* up to 7 tokens, such as “1\+2\+3\+4”, .* after 5\.$/,
  );
});

test('prompts that are longer than the model was made for are named, with image and answer counted', async () => {
  const ask = (count: number, answerTokens: number) =>
    found([{ prompt: '1'.repeat(count), answer: '1' }], 'exact', answerTokens);
  expect(ask(20, 32)).toEqual([]);
  for (const [count, tokens] of [
    [120, 1],
    [20, 100],
  ] as const) {
    const [finding, ...others] = ask(count, tokens);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'perception-beyond-positions', severity: 'warning' });
    expect(finding?.message).toMatch(
      /^Prompt and answer of the perception set may be 1\d\d tokens .* made for 128/,
    );
  }
});

test('so are those that a run learns from, of either teacher; assumed images say nothing', () => {
  const models = { base: { label: 'base' }, vlm: { label: 'see' }, lrm: { label: 'think' } };
  const of = (promptTokens: number, textTokens: number, assumed = false) =>
    sampleFindings({ spec, lrm: { maxPositions: 64 } }, models, {
      ...{ promptTokens, textTokens, assumed, answerTokens: 32, imageTokens: 16, imageTiles: 1, images: 1 },
      items: { calibration: 1, traces: 1, composed: 0 },
    }).map(({ code, message }) => `${code}: ${/and (\w+) was made for \d+/.exec(message)?.[0] ?? ''}`);
  expect(of(96, 32)).toEqual([]);
  expect(of(97, 0)).toEqual(['calibration-beyond-positions: and see was made for 128']);
  expect(of(20, 33)).toEqual(['trace-beyond-positions: and think was made for 64']);
  expect(of(500, 500, true)).toEqual([]);
});

const fails = (code: 'unsupported' | 'cancelled') => () => {
  throw new StudioError(code, 'tokenizer.json of the VLM has no id for a piece.');
};

test('an answer at which the tokenizer fails cannot be written, and the models are opened all the same', () => {
  const items = ['1', '2'].map((answer) => ({ prompt: 'read', answer }));
  for (const part of ['encode', 'decode'] as const) {
    const [finding, ...others] = found(items, 'exact', 32, { [part]: fails('unsupported') });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'perception-answers-unwritable', severity: 'warning' });
    expect(finding?.message).toMatch(/2 of the 2 answers .* “1”, at which it fails: .* no id for a piece\.$/);
  }
  expect(() => found(items, 'exact', 32, { encode: fails('cancelled') })).toThrow(StudioError);
});

test('so are they where the prompts of a set or of the calibration fail', async () => {
  const items = [{ prompt: 'read', answer: '1' }];
  const prompt = fails('unsupported');
  expect(found(items, 'exact', 32, { prompt })).toMatchObject([
    {
      code: 'perception-prompts-fail',
      severity: 'warning',
      message:
        'the VLM cannot be asked what the perception set asks: tokenizer.json of the VLM has no id for a piece.',
    },
  ]);
  expect(() => found(items, 'exact', 32, { prompt: fails('cancelled') })).toThrow(StudioError);
  const whole = () =>
    Promise.resolve({ tile: () => ({ width: 32, height: 32, data: new Uint8ClampedArray(4096) }) });
  const open = (failing: Partial<typeof vlm.prompter>, sheet: DataSet['sheet'] = whole) =>
    openingSample(
      {
        plan: {
          vlm: { ...vlm, prompter: { ...vlm.prompter, ...failing } },
          lrm: { prompter: vlm.prompter },
          spec,
        },
        calibration: { ...setOf(items, 'exact'), sheet },
        composed: null,
        traces: null,
        answerTokens: 32,
      },
      signal,
    );
  expect(await open({})).toMatchObject({ sample: { assumed: false, imageTokens: 16 }, findings: [] });
  expect(await open({ prompt })).toMatchObject({
    sample: { assumed: true },
    findings: [{ code: 'calibration-fails', severity: 'warning' }],
  });
  await expect(open({ prompt: fails('cancelled') })).rejects.toThrow(StudioError);
  // Told before a run begins, which would stop there.
  const damaged = () => Promise.reject(new StudioError('bad-file', 'data/x.png: is too short.'));
  expect(await open({}, damaged)).toMatchObject({
    sample: { assumed: true },
    findings: [{ code: 'calibration-fails', message: expect.stringContaining('data/x.png: is too short') }],
  });
});
