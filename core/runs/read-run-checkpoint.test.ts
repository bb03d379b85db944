import { describe, expect, test } from 'vitest';
import { defaultOptions } from '../objective/options.ts';
import { makeLosses } from '../objective/terms.ts';
import { readRunCheckpoint } from './read-run-checkpoint.ts';
import type { RunCheckpoint } from './run-checkpoint.ts';

const hash = 'ab'.repeat(32);
const size = 5;
const losses = makeLosses(0.5, (_, { onlyWeighted }) => (onlyWeighted ? null : 0.25));

const whole: RunCheckpoint = {
  version: 1,
  options: { ...defaultOptions, steps: 20 },
  step: 3,
  gates: { values: Float32Array.of(0, 1, 0.5, 0.25, 0.75), locks: Uint8Array.of(1, 0, 0, 0, 0) },
  touched: Uint8Array.of(0, 1, 0, 0, 0),
  optimiser: {
    logits: new Float64Array(size).fill(-0.1),
    first: new Float64Array(size).fill(-1e-9),
    second: new Float64Array(size).fill(1e-18),
    ages: Uint32Array.of(0, 3, 3, 1, 2),
  },
  lastFinite: new Float32Array(size).fill(0.5),
  losses,
  divergence: { first: 0.75, recent: [0.75, 0.5, 0.25] },
  elapsedMs: 1234.5,
  origin: {
    backend: 'wasm',
    adapter: null,
    slots: [
      { id: 'a', rank: 4, norm: 2 },
      { id: 'b', rank: 2, norm: 0 },
    ],
    budget: 2,
    factors: hash,
    vlm: hash,
    lessons: [{ term: 'distill', items: 7, prompts: hash, answers: hash }],
  },
};
/** The checkpoint with another value at a place such as `origin.slots.0.id`; undefined takes the key away. */
function spoilt(place: string, value: unknown): unknown {
  const copy = structuredClone(whole) as unknown as Record<string, unknown>;
  const path = place.split('.');
  const last = path.pop() ?? '';
  const parent = path.reduce((at, key) => at[key] as Record<string, unknown>, copy);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}

test('what an engine made is read as it is, after a structured clone too', () => {
  expect(readRunCheckpoint(structuredClone(whole))).toEqual(whole);
});

test('a run that has not stepped yet has no losses and no finite gates before', () => {
  const start = {
    ...whole,
    step: 0,
    lastFinite: null,
    losses: null,
    divergence: { first: 0, recent: [] },
    optimiser: { ...whole.optimiser, ages: new Uint32Array(size) },
  };
  expect(readRunCheckpoint(start)).toEqual(start);
});

test('a run in another basis says so; one that says none is of the SVD', () => {
  for (const basis of [
    { id: 'random', seed: 3 },
    { id: 'neurons', seed: null },
  ])
    expect(readRunCheckpoint(spoilt('origin.basis', basis)).origin.basis).toEqual(basis);
  expect(readRunCheckpoint(whole).origin.basis).toBeUndefined();
});

test('an option that a studio did not have yet means what it began as', () => {
  expect(readRunCheckpoint(spoilt('options.divergence', undefined)).options.divergence).toBe('kl');
});

const long = (values: readonly number[]) => Float32Array.from(values);

describe('what is damaged or foreign is refused with its place', () => {
  test.each<[string, unknown, RegExp]>([
    ['step', 21, /step must be a whole number from 0 to 20/],
    ['step', 2.5, /step/],
    ['step', 0, /recent|ages|lastFinite/],
    ['options.lambda', NaN, /options\.lambda/],
    ['options.steps', undefined, /options\.steps/],
    ['options.divergence', 'toString', /options\.divergence/],
    ['options.extra', 1, /has the key options\.extra: this studio knows no such key/],
    ['gates.values', long([0, 1, 0.5, 0.25]), /gates\.values must be a Float32Array of 5 entries/],
    ['gates.values', [0, 1, 0.5, 0.25, 0.75], /gates\.values must be a Float32Array/],
    ['gates.values', new Float64Array(size), /gates\.values must be a Float32Array/],
    ['gates.values', long([0, 1, NaN, 0.25, 0.75]), /gates\.values\[2\] must be a gate from 0 to 1, not NaN/],
    ['gates.values', long([0, 1.01, 0, 0, 0]), /gates\.values\[1\]/],
    ['gates.locks', Uint8Array.of(0, 0, 2, 0, 0), /gates\.locks\[2\]/],
    ['gates.more', 1, /has the key gates\.more: this studio knows no such key/],
    ['touched', new Uint8Array(6), /touched/],
    ['optimiser.logits', new Float64Array(size).fill(Infinity), /optimiser\.logits\[0\] must be finite/],
    ['optimiser.first', new Float64Array(size).fill(NaN), /optimiser\.first\[0\]/],
    [
      'optimiser.second',
      new Float64Array(size).fill(-1),
      /optimiser\.second\[0\] must be finite and not negative/,
    ],
    ['optimiser.ages', Uint32Array.of(0, 3, 4, 1, 2), /optimiser\.ages\[2\] must be at most 3/],
    ['lastFinite', null, /lastFinite must be given/],
    ['lastFinite', long([0, 1, 0.5, 0.25]), /lastFinite must be a Float32Array/],
    ['losses', null, /losses must be given/],
    ['losses.total', Infinity, /losses\.total/],
    ['losses.trace', 0.5, /losses\.trace must be null/],
    ['losses.distill', null, /losses\.distill/],
    ['divergence.first', NaN, /divergence\.first/],
    ['divergence.recent', [0.5], /divergence\.recent must be a list of 3 to 3/],
    ['elapsedMs', -1, /elapsedMs/],
    ['origin.backend', 'cuda', /origin\.backend must be one of wasm, webgpu/],
    ['origin.adapter', 'x'.repeat(501), /origin\.adapter/],
    ['origin.slots', [], /origin\.slots/],
    ['origin.slots.0.rank', 2 ** 40, /origin\.slots\[0\]\.rank/],
    ['origin.slots.0.norm', NaN, /origin\.slots\[0\]\.norm/],
    ['origin.slots.1.id', 'a', /origin\.slots must be layers with names of their own/],
    ['origin.basis', 'random', /origin\.basis must be/],
    ['origin.basis', { id: 'random', seed: -1 }, /origin\.basis\.seed/],
    ['origin.basis', { id: 'neurons', seed: null, more: 1 }, /origin\.basis\.more/],
    ['origin.budget', 4, /origin\.budget/],
    ['origin.budget', 0, /origin\.budget/],
    ['origin.factors', 'AB'.repeat(32), /origin\.factors must be a SHA-256/],
    ['origin.lessons', [], /origin\.lessons/],
    ['origin.lessons.0.term', 'trace', /origin\.lessons\[0\]\.term must be one of distill/],
    ['origin.lessons.0.items', 0, /origin\.lessons\[0\]\.items/],
    ['optimiser.more', 1, /has the key optimiser\.more/],
    ['divergence.more', 1, /has the key divergence\.more/],
    ['losses.more', 1, /has the key losses\.more/],
    ['origin.more', 1, /has the key origin\.more/],
    ['origin.slots.1.more', 1, /has the key origin\.slots\[1\]\.more/],
    ['origin.lessons.0.more', 1, /has the key origin\.lessons\[0\]\.more/],
    ['more', 1, /has the key more: this studio knows no such key/],
  ])('%s: %s', (place, value, says) => {
    expect(() => readRunCheckpoint(spoilt(place, value))).toThrow(
      expect.objectContaining({
        code: 'bad-file',
        message: expect.stringMatching(says),
      }),
    );
  });

  test('the refusal says what can be done', () => {
    expect(() => readRunCheckpoint(spoilt('elapsedMs', 'x'))).toThrow(
      'The interrupted run: elapsedMs must be a number from 0 to 1000000000000, not "x". What was kept of it is damaged, so it cannot go on; a new run can be started from the gates as they are.',
    );
  });

  test.each([null, 7, 'run', [], new Float32Array(3)])('%s is none at all', (value) => {
    expect(() => readRunCheckpoint(value)).toThrow(expect.objectContaining({ code: 'bad-file' }));
  });

  test('layers that claim more gates than any model has are refused before anything is made of them', () => {
    const slots = Array.from({ length: 100 }, (_, i) => ({ id: `${i}`, rank: 2 ** 17, norm: 1 }));
    const claimed = { ...whole, origin: { ...whole.origin, slots, budget: null } };
    expect(() => readRunCheckpoint(claimed)).toThrow(/layers with at most 4000000 gates/);
  });
});

test('one of a newer studio is refused as such', () => {
  expect(() => readRunCheckpoint(spoilt('version', 2))).toThrow(
    expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('newer studio') }),
  );
});
