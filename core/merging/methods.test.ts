import { describe, expect, test } from 'vitest';
import { parseRecipe } from '../recipe/parse.ts';
import { chosenStream, completeSettings, describeMethod, findMethod } from './choose.ts';
import { methodGroups } from './method.ts';
import { methods } from './methods.ts';
import { presentNames } from './old-names.ts';

describe('every method', () => {
  test('has an id of its own in kebab-case, and says whole sentences about itself', () => {
    expect(new Set(methods.map(({ id }) => id)).size).toBe(methods.length);
    for (const { id, title, about, formula, source, group } of methods) {
      expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(about, id).toMatch(/^[A-Z]\S* .*\.$/);
      expect(
        [title, formula, source].every((text) => text.length > 2),
        id,
      ).toBe(true);
      expect(Object.keys(methodGroups), id).toContain(group);
    }
  });

  test('has settings whose defaults it takes itself, each with a symbol and a sentence of help', () => {
    for (const method of methods) {
      const settings = completeSettings(method, {});
      for (const [key, { symbol, label, help, initial, low, high, step }] of Object.entries(
        method.settings,
      )) {
        expect(key, method.id).toMatch(/^[a-z]+(-[a-z]+)*$/);
        expect(help, `${method.id} ${key}`).toMatch(/^[A-Z]\S* .*\.$/);
        expect([symbol, label].every((text) => text.length > 0)).toBe(true);
        expect(settings[key]).toBe(initial);
        expect(high - low > 0 && step > 0, `${method.id} ${key}`).toBe(true);
      }
    }
  });

  test('is found by its id, and refuses settings that it does not have', () => {
    for (const method of methods) {
      expect(findMethod(method.id)).toBe(method);
      expect(() => completeSettings(method, { polish: 1 })).toThrow(/has no setting “polish”/);
      for (const [key, { high, low }] of Object.entries(method.settings)) {
        expect(() => completeSettings(method, { [key]: high + 1 }), key).toThrow(
          /takes a (whole )?number from/,
        );
        expect(() => completeSettings(method, { [key]: low - 1 }), key).toThrow(
          /takes a (whole )?number from/,
        );
        expect(() => completeSettings(method, { [key]: NaN }), key).toThrow(/cannot be used/);
      }
    }
  });
});

test('a choice that merges in a stream is completed; one that has only gates is refused by name', () => {
  expect(chosenStream({ id: 'ties', settings: { density: 0.3 } }).settings).toEqual({
    density: 0.3,
    lambda: 1,
    'vlm-weight': 1,
    'lrm-weight': 1,
  });
  expect(() => chosenStream({ id: 'iso-c', settings: {} })).toThrow(/“iso-c” is no merge method.*ties/);
});

test('it is described as recipes and cards do', () => {
  expect(describeMethod({ name: 'top-k', settings: { k: 32, lambda: 1 } })).toBe(
    'top-k (k = 32, lambda = 1)',
  );
  expect(describeMethod({ name: 'level', settings: {} })).toBe('level');
});

test.each([
  [
    { name: 'isotropic', settings: { lambda: 0.5 } },
    { name: 'iso-c', settings: { lambda: 0.5 } },
  ],
  [
    { name: 'truncation', settings: { keptShare: 0.25 } },
    { name: 'top-share', settings: { share: 0.25 } },
  ],
  [
    { name: 'selective', settings: { directions: 3 } },
    { name: 'selective-rl-direct', settings: { k: 3 } },
  ],
  [
    { name: 'task-arithmetic', settings: { constant: 0.7 } },
    { name: 'task-arithmetic', settings: { gate: 0.7 } },
  ],
  [
    { name: 'layer-wise', settings: { lambda: 0.4 } },
    { name: 'level', settings: { lambda: 0.4 } },
  ],
  [
    { name: 'layer-wise', settings: { first: 0, last: 1, lambda: 0.4 } },
    { name: 'layer-wise', settings: { first: 0, last: 1, lambda: 0.4 } },
  ],
  [
    { name: 'of-tomorrow', settings: { x: 1 } },
    { name: 'of-tomorrow', settings: { x: 1 } },
  ],
])('the old names %j are read as %j', (stored, present) => {
  expect(presentNames(stored)).toEqual(present);
  const input = { label: 'm', architecture: 'A', sha256: null };
  const recipe = {
    format: 'frism-recipe',
    version: 1,
    studio: '0.1.0',
    method: 'frism',
    inputs: { base: input, vlm: input, lrm: input },
    options: {
      lambda: 1,
      alpha: 1,
      beta: 0,
      gamma: 0,
      learningRate: 0.1,
      steps: 10,
      batchSize: 4,
      seed: 1,
      gateMax: 1,
    },
    kernel: 'k',
    step: 0,
    slots: [],
    metrics: [],
    preset: stored,
  };
  expect(parseRecipe(JSON.stringify(recipe)).preset).toEqual(present);
});
