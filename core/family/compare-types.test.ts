import { expect, test } from 'vitest';
import { compareTypes } from './compare-types.ts';
import { demoModel } from './testing/demo-model.ts';
import { llama, llamaNames, modelOf, type Config } from './testing/llama-model.ts';
import type { Trio } from './trio.ts';

const codes = (lrm: Config, base: Config = llama, tensors = llamaNames) => {
  const trio: Trio = { base: modelOf('base', base), vlm: modelOf('vlm'), lrm: modelOf('lrm', lrm, tensors) };
  return compareTypes(trio).map(({ code, severity }) => `${code} ${severity}`);
};

test.each<[string, Config, readonly string[]]>([
  ['the same', llama, []],
  [
    'an architecture of another type',
    { architectures: ['GemmaForCausalLM'], model_type: 'gemma' },
    ['model-type-differs error', 'lrm-not-read info'],
  ],
  [
    'another type that is known here',
    { ...llama, architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2' },
    ['model-type-differs error'],
  ],
  [
    'another head on the same type',
    { architectures: ['LlamaForSequenceClassification'], model_type: 'llama' },
    ['lrm-not-read info'],
  ],
  ['no type', { architectures: ['SomethingElse'] }, ['lrm-not-read info']],
  ['no config.json', {}, ['config-not-compared warning']],
])('the reasoning model is of %s', (_, config, found) => {
  expect(codes(config)).toEqual(found);
});

test('one whose names are not read is said, and why', () => {
  expect(
    codes(
      llama,
      llama,
      llamaNames.map((name) => name.replace('model.', 'x.')),
    ),
  ).toEqual(['lrm-not-read info']);
});

test('nothing is said of the demo, nor where no model has a config.json', () => {
  expect(compareTypes({ base: demoModel('base'), vlm: demoModel('vlm'), lrm: demoModel('lrm') })).toEqual([]);
  const empty = modelOf('m', {});
  expect(compareTypes({ base: empty, vlm: empty, lrm: empty })).toEqual([]);
});
