/** As `check_target_module_exists` of peft 0.21.2 answers for the same configurations and names. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allowance } from '../work.ts';
import { loadedModules } from './adapter-modules.ts';

const modules = ['0', '1', '2'].flatMap((layer) =>
  ['q_proj', 'v_proj'].map((name) => `model.layers.${layer}.self_attn.${name}`),
);
/** The modules that are loaded, as "layer name". */
const loaded = (config: Readonly<Record<string, unknown>>) => {
  const loads = loadedModules(config);
  if (!loads) return null;
  return modules
    .filter(loads)
    .map((module) => module.replace(/model\.layers\.(\d)\.self_attn\.(.)_proj/, '$1$2'));
};
const all = ['0q', '0v', '1q', '1v', '2q', '2v'];

test.each<[string, Readonly<Record<string, unknown>>, readonly string[]]>([
  ['nothing said', {}, all],
  ['all linear layers', { target_modules: 'all-linear' }, all],
  ['ends of names', { target_modules: ['q_proj'] }, ['0q', '1q', '2q']],
  ['keys of an object, as peft goes through them', { target_modules: { q_proj: 8 } }, ['0q', '1q', '2q']],
  ['no part of a name', { target_modules: ['proj', 'attn'] }, []],
  ['a whole name', { target_modules: ['model.layers.1.self_attn.v_proj'] }, ['1v']],
  ['but some', { target_modules: ['q_proj', 'v_proj'], exclude_modules: ['v_proj'] }, ['0q', '1q', '2q']],
  ['an excluded whole name', { exclude_modules: ['model.layers.0.self_attn.q_proj'] }, all.slice(1)],
  ['some layers', { target_modules: ['q_proj'], layers_to_transform: [0, 2] }, ['0q', '2q']],
  ['one layer', { target_modules: ['q_proj', 'v_proj'], layers_to_transform: 1 }, ['1q', '1v']],
  [
    'layers by their container',
    { target_modules: ['q_proj'], layers_to_transform: [1], layers_pattern: 'layers' },
    ['1q'],
  ],
  ['another container', { target_modules: ['q_proj'], layers_to_transform: [1], layers_pattern: ['h'] }, []],
  [
    'a whole name, whatever the layers',
    { target_modules: ['model.layers.1.self_attn.q_proj'], layers_to_transform: [0] },
    ['1q'],
  ],
])('%s', (_, config, found) => {
  expect(loaded(config)).toEqual(found);
});

interface Reference {
  readonly modules: readonly string[];
  readonly cases: readonly {
    readonly config: Readonly<Record<string, unknown>>;
    readonly loaded: readonly string[];
  }[];
}
const reference = JSON.parse(readFileSync('zoo/reference/adapter/expressions.json', 'utf8')) as Reference;

test.each(reference.cases)('by an expression, as peft does: $config', ({ config, loaded: expected }) => {
  const loads = loadedModules(config);
  expect(reference.modules.filter((module) => loads?.(module))).toEqual(expected);
});

test.each([
  [{ target_modules: '(?i).*Q_PROJ' }],
  [{ target_modules: '(?P<kind>q|v)_proj' }],
  [{ target_modules: '.*(?<=q)_proj' }],
  [{ target_modules: '.*[]x]' }],
  [{ target_modules: '.*{,2}' }],
  [{ target_modules: String.raw`(q)_\1` }],
  [{ target_modules: '(.*' }],
  [{ target_modules: String.raw`.*\s` }],
  [{ exclude_modules: '[[:alpha:]]+' }],
  [{ target_modules: '.*', layers_to_transform: [0] }],
  [{ target_modules: ['q_proj'], layers_to_transform: [0], layers_pattern: 'lay.*' }],
  [{ target_modules: ['q_proj'], layers_to_transform: ['0'] }],
  [{ target_modules: 7 }],
])('what Python could read differently, or what is no number, is not read: %j', (config) => {
  expect(loadedModules(config)).toBeNull();
});

test('an expression that is too long is not read, and one that tries too many ways is stopped by its work', () => {
  expect(loadedModules({ exclude_modules: 'a'.repeat(2001) })).toBeNull();
  const loads = loadedModules({ target_modules: '(?:[a-z]*)*0' }, allowance(200_000));
  expect(() => loads?.('a'.repeat(400))).toThrow(/tries too many ways through a module's name/);
});
