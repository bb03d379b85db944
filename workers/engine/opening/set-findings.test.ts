/** What test sets and calibration ask of the demo's VLM that it cannot do. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readCheckpoint } from '../../../test/checkpoint.ts';
import { readModelSpec } from '../../../core/family/read-spec.ts';
import type { ScoringRule } from '../../../protocol/session.ts';
import { loadPreprocessor } from '../../nn/preprocess.ts';
import { loadPrompter } from '../../nn/prompter.ts';
import { sampleFindings, setFindings } from './set-findings.ts';

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
  sheet: () =>
    Promise.resolve({ tile: () => ({ width: 32, height: 32, data: new Uint8ClampedArray(4 * 32 * 32) }) }),
});

const found = (items: readonly Item[], scoring: ScoringRule = 'exact', answerTokens = 32) =>
  setFindings(
    {
      label: 'the VLM',
      plan: { vlm, spec },
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
  expect(await found(items, scoring)).toEqual([]);
});

test.each<[string, ScoringRule]>([
  ['π', 'exact'],
  ['2+2=fünf', 'final'],
  ['7 & 8', 'exact'],
])('an answer that the tokenizer cannot write is named: %s', async (answer, scoring) => {
  const findings = await found(
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

test('so is one that is longer than an answer may be', async () => {
  const items = ['1+2', '1+2+3+4'].map((answer) => ({ prompt: 'read', answer }));
  expect(await found(items, 'exact', 7)).toEqual([]);
  const [finding, ...others] = await found(items, 'exact', 5);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ code: 'perception-answers-too-long', severity: 'warning' });
  expect(finding?.message).toMatch(
    /^1 of the 2 answers .* up to 7 tokens, such as “1\+2\+3\+4”, .* after 5\.$/,
  );
});

test('prompts that are longer than the model was made for are named, with image and answer counted', async () => {
  const ask = (count: number, answerTokens: number) =>
    found([{ prompt: '1'.repeat(count), answer: '1' }], 'exact', answerTokens);
  expect(await ask(20, 32)).toEqual([]);
  for (const [count, tokens] of [
    [120, 1],
    [20, 100],
  ] as const) {
    const [finding, ...others] = await ask(count, tokens);
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
