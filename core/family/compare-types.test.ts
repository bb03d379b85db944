import { expect, test } from 'vitest';
import { compareTypes } from './compare-types.ts';
import { readModelSpec } from './read-spec.ts';
import { demoModel } from './testing/demo-model.ts';
import type { Trio } from './trio.ts';

type Config = Readonly<Record<string, unknown>>;
const names = [
  'model.embed_tokens.weight',
  'model.norm.weight',
  'model.layers.0.self_attn.q_proj.weight',
  'lm_head.weight',
];
const llama: Config = { architectures: ['LlamaForCausalLM'], model_type: 'llama', rms_norm_eps: 1e-5 };
const of = (label: string, config: Config = llama, tensors = names) => ({
  label,
  config,
  spec: readModelSpec(config, tensors),
  tensors: new Map(),
});
const codes = (lrm: Config, base: Config = llama, tensors = names) => {
  const trio: Trio = { base: of('base', base), vlm: of('vlm'), lrm: of('lrm', lrm, tensors) };
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
      names.map((name) => name.replace('model.', 'x.')),
    ),
  ).toEqual(['lrm-not-read info']);
});

test('nothing is said of the demo, nor where no model has a config.json', () => {
  expect(compareTypes({ base: demoModel('base'), vlm: demoModel('vlm'), lrm: demoModel('lrm') })).toEqual([]);
  const empty = of('m', {});
  expect(compareTypes({ base: empty, vlm: empty, lrm: empty })).toEqual([]);
});
