import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StudioError } from '../errors.ts';
import { parseRecipe } from './parse.ts';
import { changed, text } from './testing/recipe.ts';

describe('hostile recipes are refused', () => {
  const set = (path: string, value: unknown): string =>
    changed((json) => {
      const keys = path.split('.');
      const last = keys.pop() as string;
      let holder: Record<string, unknown> = json;
      for (const key of keys) holder = holder[key] as Record<string, unknown>;
      holder[last] = value;
    });

  it.each<[string, unknown, RegExp]>([
    ['format', 'other', /format is not/],
    ['version', 0, /version must be/],
    ['version', 1.5, /whole number/],
    ['method', 'ties', /method "ties"/],
    ['studio', 5, /studio must be/],
    ['studio', 'x'.repeat(501), /at most 500 characters/],
    ['inputs', null, /inputs must be/],
    ['inputs.base', [], /inputs\.base must be/],
    ['inputs.base.sha256', 'ABC', /SHA-256/],
    ['options.lambda', -1, /options\.lambda must be/],
    ['options.lambda', '1', /options\.lambda must be/],
    ['options.batchSize', 0, /options\.batchSize must be/],
    ['options.gateMax', 0, /options\.gateMax must be/],
    ['options.teacherTopK', 0, /options\.teacherTopK must be/],
    ['options.teacherTopK', 2.5, /options\.teacherTopK must be/],
    ['options.gateMax', 0.4, /gate 0\.5/],
    ['step', -1, /step must be/],
    ['run', [], /run must be/],
    ['preset', 'iso-c', /preset must be/],
    ['preset.settings.k', '3', /preset\.settings\.k must be/],
    ['run.losses.distill', null, /run\.losses\.distill must be/],
    ['run.backend', 1, /run\.backend must be/],
    ['slots.0.singularValues', [2, 1], /does not have 5 singular values/],
    ['slots.0.singularValues', [1, 2, 1, 1, 1], /singular value 2 /],
    ['slots.0.singularValues', [1, 1, 1, 1, -1], /singular value -1/],
    ['slots.0.singularValues', [1e39, 1, 1, 1, 1], /singular value/],
    ['budget', 0, /budget must be/],
    ['budget', '16', /budget must be/],
    ['budget', 2, /5 gates for .* rank 5 and a budget of 2 subspaces/],
    ['basis', 'random', /basis must be/],
    ['basis', { id: 'random' }, /basis\.seed must be/],
    ['basis', { id: 'random', seed: 2 ** 32 }, /basis\.seed must be/],
    [
      'basis',
      { id: 'neurons', seed: 1 },
      /basis\.seed must be absent, because the basis neurons has no seed/,
    ],
    ['basis', { id: 'svd', turn: 1 }, /basis\.turn/],
    ['slots', {}, /slots must be/],
    ['slots', [1], /slots\[0\] must be/],
    ['slots.0.id', null, /slots\[0\]\.id must be/],
    ['slots.1.id', 'layers.0.self_attn.q_proj', /a layer twice/],
    ['slots.0.rank', 4, /5 gates for .* rank 4/],
    ['slots.1.rank', 1e9, /slots\[1\]\.rank must be/],
    ['slots.1.gates', -0.1, /gate -0\.1/],
    ['slots.1.gates', 1.001, /gate 1\.001/],
    ['slots.1.gates', null, /gate null/],
    ['slots.0.gates.2', 'x', /gate "x"/],
    ['slots.0.locked', 3, /locked gates/],
    ['slots.0.locked', [[0, 6]], /locks \[0,6\]/],
    ['slots.0.locked', [[-1, 2]], /locks \[-1,2\]/],
    ['slots.0.locked', [[0, 0]], /locks/],
    ['slots.0.locked', [3], /locks 3/],
    ['slots.0.factors', 'zz', /SHA-256/],
    ['metrics', 'none', /metrics must be/],
    ['metrics.0.correct', 301, /metrics\[0\]\.correct must be/],
  ])('%s = %j', (path, value, message) => {
    const parse = () => parseRecipe(set(path, value));
    expect(parse).toThrow(StudioError);
    expect(parse).toThrow(message);
  });

  it.each<[string, unknown]>([
    ['gatesMax', 2],
    ['options.lamda', 0.5],
    ['options.optimizer', 'sgd'],
    ['inputs.teacher', {}],
    ['inputs.vlm.revision', 'main'],
    ['slots.0.scale', 2],
    ['metrics.0.weight', 3],
    ['run.seed', 7],
    ['run.losses.entropy', 0.1],
    ['preset.lambda', 2],
    ['findings.0.remedy', 'Leave it.'],
  ])('a key that is not known: %s', (path, value) => {
    const place = path.replace(/\.(\d+)/g, '[$1]');
    expect(() => parseRecipe(set(path, value))).toThrow(
      expect.objectContaining({
        code: 'bad-file',
        message: expect.stringContaining(
          `The recipe has the key ${place}: this studio knows no such key, a newer one may have written it, and without what it says the merge may be another. Correct it, or take it out.`,
        ),
      }),
    );
  });

  it('a key of any length, of which the message shows the beginning', () => {
    const parse = () => parseRecipe(set('x'.repeat(100_000), 1));
    expect(parse).toThrow(/has the key x{80}…: /);
    expect(parse).toThrow(expect.objectContaining({ message: expect.not.stringMatching(/x{81}/) }));
  });

  it.each([
    ['a key that stands twice', text.replace('"step":120', '"step":120,"step":1'), /"step" is given twice/],
    [
      'NaN as Python writes it',
      text.replace('"lambda":1.2', '"lambda":NaN'),
      /options\.lambda must be a number from 0 to 100, not NaN/,
    ],
    [
      'an infinite gate',
      text.replace('"gates":[0.1', '"gates":[Infinity'),
      /has the gate Infinity in layers\.0/,
    ],
    [
      'a pointer of Git LFS',
      'version https://git-lfs.github.com/spec/v1\noid sha256:0\n',
      /it is a Git LFS pointer/,
    ],
    ['a web page', '<!DOCTYPE html><html></html>', /it is a web page/],
    ['nothing', '', /it is empty/],
  ])('%s', (_, given, message) => {
    expect(given).not.toBe(text);
    expect(() => parseRecipe(given)).toThrow(
      expect.objectContaining({ code: 'bad-file', message: expect.stringMatching(message) }),
    );
  });

  it('but a byte order mark is passed over', () => {
    expect(parseRecipe(`\ufeff${text}`)).toEqual(parseRecipe(text));
  });

  it('a recipe that asks for too much memory', () => {
    const slots = Array.from({ length: 100 }, (_, i) => ({
      id: `s${i}`,
      rank: 2 ** 17,
      gates: 0,
      locked: [],
      factors: null,
    }));
    expect(() => parseRecipe(set('slots', slots))).toThrow(/more than 4000000 gates/);
  });

  it('any other text', () => {
    const survives = (candidate: string): void => {
      try {
        parseRecipe(candidate);
      } catch (error) {
        expect(error).toBeInstanceOf(StudioError);
      }
    };
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), survives), { numRuns: 1000 });
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 3 }), (at, put) =>
        survives(text.slice(0, at) + put + text.slice(at + put.length)),
      ),
      { numRuns: 3000 },
    );
  });
});
