import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../workers/engine/opening/manifest.ts';
import { encodeRecipe } from '../recipe/encode.ts';
import { parseRecipe } from '../recipe/parse.ts';
import { checkOptions, optionProblem } from './check-options.ts';
import { describeOptions, explainOption, nothingPulls } from './describe-options.ts';
import type { optionTable } from './options.ts';
import { defaultOptions, optionRow, optionRows } from './options.ts';

describe('the table of options', () => {
  it.each(optionRows)(
    '%s: its defaults are accepted, and the page offers nothing that is refused',
    (key, row) => {
      expect(optionProblem(key, row.initial)).toBeNull();
      if (row.published !== undefined) expect(optionProblem(key, row.published)).toBeNull();
      if (row.kind !== 'number') return;
      const [low, high] = row.comfortable;
      expect(optionProblem(key, row.zeroMeans !== undefined && low === 0 ? null : low)).toBeNull();
      expect(optionProblem(key, high)).toBeNull();
    },
  );

  it('has one name for each option wherever options have names', () => {
    for (const name of ['flag', 'symbol', 'name'] as const)
      expect(new Set(optionRows.map(([, row]) => row[name])).size).toBe(optionRows.length);
    for (const [, row] of optionRows) expect(row.flag).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  it('says whole sentences', () => {
    for (const [, row] of optionRows) expect(explainOption(row)).toMatch(/^[A-Zλαβγ].*\.$/);
    expect(explainOption(optionRow('beta'))).toMatch(/0 is FRISM as published\.$/);
    expect(explainOption(optionRow('teacherTopK'))).toContain(
      'At 0 whole distributions are compared, as published.',
    );
  });

  it('describes options in phrases, leaving out what is as published', () => {
    expect(describeOptions(defaultOptions)).toEqual([
      'λ 1',
      'α 0.4',
      'rate 0.1',
      'steps 100',
      'batch 4',
      'seed 1',
    ]);
    const other = { ...defaultOptions, gamma: 1, gateMax: 2, teacherTopK: 64 };
    expect(describeOptions(other, String, ['lambda', 'steps', 'batchSize', 'seed', 'learningRate'])).toEqual([
      'α 0.4',
      'γ 1',
      'gates up to 2',
      'of each teacher the 64 most probable tokens and the rest as one',
    ]);
  });
});

/** A recipe, a manifest and the engine once accepted λ up to 1000, 100 and 100, and the others likewise. */
describe('one range for whoever asks', () => {
  const manifest = JSON.parse(readFileSync('public/models/demo/manifest.json', 'utf8')) as {
    run: Record<string, unknown>;
  };
  const recipe = JSON.parse(readFileSync('test/stored/0.1.0/recipes/distilled.json', 'utf8')) as {
    options: Record<string, unknown>;
  };
  const asked = {
    engine: (key: string, value: unknown) => checkOptions({ ...defaultOptions, [key]: value }),
    manifest: (key: keyof typeof optionTable, value: unknown) =>
      parseManifest(
        JSON.stringify({
          ...manifest,
          run: { ...manifest.run, [optionRow(key).manifestKey ?? key]: value },
        }),
        'manifest.json',
      ),
    recipe: (key: string, value: unknown) =>
      parseRecipe(JSON.stringify({ ...recipe, slots: [], options: { ...recipe.options, [key]: value } })),
  };
  const numbers = optionRows.flatMap(([key, row]) => (row.kind === 'number' ? [{ key, row }] : []));

  it.each(numbers)('$key: its ends are accepted, and what lies beyond is refused', ({ key, row }) => {
    const [low, high] = row.range;
    for (const ask of Object.values(asked)) {
      for (const end of [low, high]) expect(() => ask(key, end)).not.toThrow();
      for (const beyond of [low - (row.whole ? 1 : 1e-3), 1.001 * high + 1, '1'])
        expect(() => ask(key, beyond)).toThrow(/number from/);
      if (row.whole) expect(() => ask(key, low + 0.5)).toThrow(/whole number/);
    }
  });

  const choices = optionRows.flatMap(([key, row]) => (row.kind === 'choice' ? [{ key, row }] : []));

  it.each(choices)('$key: its choices are accepted, and nothing else', ({ key, row }) => {
    for (const ask of Object.values(asked)) {
      for (const id of Object.keys(row.choices)) expect(() => ask(key, id)).not.toThrow();
      for (const other of ['toString', '', 'KL', 1]) expect(() => ask(key, other)).toThrow(/one of kl, js/);
    }
    const chosen = asked.recipe(key, 'js');
    expect(chosen.options.divergence).toBe('js');
    expect(parseRecipe(encodeRecipe(chosen))).toEqual(chosen);
    expect(describeOptions(chosen.options)).toContain('compared by the Jensen-Shannon divergence');
  });

  it('an option that files may lack means its initial value there, and is not written at that value', () => {
    for (const [key, row] of optionRows) {
      const lacking = { ...recipe.options };
      delete lacking[key];
      const parse = () => parseRecipe(JSON.stringify({ ...recipe, slots: [], options: lacking }));
      if (!row.mayBeAbsentFrom?.includes('recipe')) expect(parse).toThrow(new RegExp(`options\\.${key} `));
      else {
        expect(parse().options[key]).toBe(row.initial);
        expect(encodeRecipe(parse())).not.toContain(`"${key}"`);
      }
    }
  });
});

it('a run without injection and without a second teacher is told what it comes to', () => {
  expect(nothingPulls({ ...defaultOptions, alpha: 0 })).toMatch(/nothing pulls gates open/);
  expect(nothingPulls(defaultOptions)).toBeNull();
  for (const weight of ['beta', 'gamma'] as const)
    expect(nothingPulls({ ...defaultOptions, alpha: 0, [weight]: 1 })).toBeNull();
});
