/** As `check_target_module_exists` of peft 0.21.2 answers for the same configurations and names. */
import { expect, test } from 'vitest';
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

test.each([
  [{ target_modules: '.*\\.(q|v)_proj' }],
  [{ exclude_modules: '.*v_proj' }],
  [{ target_modules: ['q_proj'], layers_to_transform: [0], layers_pattern: 'lay.*' }],
  [{ target_modules: ['q_proj'], layers_to_transform: ['0'] }],
])('an expression, or what is no number, is not read: %j', (config) => {
  expect(loadedModules(config)).toBeNull();
});
