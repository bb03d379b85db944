/** Which answers are known of an example: what the sets ask about its picture, and what is written on it. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ScoringRule } from '../../../protocol/session.ts';
import type { DataSet } from '../opening/data-set.ts';
import { parseManifest } from '../opening/manifest.ts';
import { StudioError } from '../../../core/errors.ts';
import { checkExamples, readExamples } from './examples.ts';

const demo = 'public/models/demo';
const text = (path: string): string => readFileSync(`${demo}/${path}`, 'utf8');

function setOf(path: string): DataSet {
  const { items, scoring, count } = JSON.parse(text(path)) as {
    readonly items: readonly { index: number; prompt: string; task: string; answer: string }[];
    readonly scoring: ScoringRule;
    readonly count: number;
  };
  const tile = () => ({ width: 1, height: 1, data: new Uint8ClampedArray(4) });
  return {
    items: items.map(({ index, ...item }) => ({ image: index, ...item })),
    scoring,
    images: count,
    tile: 1,
    sheet: () => Promise.resolve({ tile }),
  };
}

const { signal } = new AbortController();

test('the demo knows the answer to solve and to read of what the run solves, and to what its sets ask', async () => {
  const manifest = parseManifest(text('manifest.json'), 'manifest.json');
  const sets = {
    calibration: null,
    composed: null,
    perception: setOf('data/perception.json'),
    reasoning: setOf('data/reasoning.json'),
  };
  const { examples, findings } = await readExamples(manifest, sets, signal);
  expect(findings).toEqual([]);
  expect(examples[0]).toMatchObject({ id: 'reasoning-2', text: '2*3+2' });
  expect(examples[0]?.answers).toEqual([
    { prompt: 'solve', answer: '2*3+2=6+2=8', scoring: 'final' },
    { prompt: 'read', answer: '2*3+2', scoring: 'exact' },
  ]);
  for (const { text: written, answers } of examples) {
    const read = answers.find(({ prompt }) => prompt === 'read');
    expect(read).toEqual({ prompt: 'read', answer: written, scoring: 'exact' });
    const solve = answers.find(({ prompt }) => prompt === 'solve');
    if (solve) expect(solve.answer.startsWith(`${written}=`)).toBe(true);
  }
  const last = examples.at(-1)?.answers;
  expect(last?.find(({ prompt }) => prompt === 'count')).toMatchObject({ answer: '5', scoring: 'exact' });
});

test('an example of an image that there is not is refused, and so is one of a set that there is not', () => {
  const set = setOf('data/reasoning.json');
  const sets = { calibration: null, composed: null, perception: null, reasoning: set };
  const check = (name: 'perception' | 'reasoning', index: number) => () =>
    checkExamples({ examples: [{ set: name, index, text: null }] }, sets);
  expect(check('reasoning', set.images - 1)).not.toThrow();
  expect(check('reasoning', set.images)).toThrow(
    /examples\[0\] is image 420 of the reasoning set, and .* has 420 images/,
  );
  expect(check('perception', 0)).toThrow(/and data names no perception set\. Correct the example/);
});

test('a set whose images cannot be read has no examples and one finding; cancelling goes through', async () => {
  const manifest = parseManifest(text('manifest.json'), 'manifest.json');
  const of = (set: DataSet) => ({ calibration: null, composed: null, perception: null, reasoning: set });
  const reasoning = setOf('data/reasoning.json');
  const failing = (code: 'bad-file' | 'cancelled'): DataSet => ({
    ...reasoning,
    sheet: () => Promise.reject(new StudioError(code, 'x.png: is too short for a PNG image.')),
  });
  const shown = (await readExamples(manifest, of(reasoning), signal)).examples.length;
  expect(shown).toBeGreaterThan(1);
  const { examples, findings } = await readExamples(manifest, of(failing('bad-file')), signal);
  expect(examples).toEqual([]);
  expect(findings).toMatchObject([{ code: 'reasoning-images-fail', severity: 'warning' }]);
  expect(findings[0]?.message).toBe(
    'The images of the reasoning set cannot be read: x.png: is too short for a PNG image.',
  );
  await expect(readExamples(manifest, of(failing('cancelled')), signal)).rejects.toThrow('too short');
});
