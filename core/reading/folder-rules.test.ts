import { expect, test } from 'vitest';
import { fileRules, isLicenceFile, ruleOf, usualFiles } from './folder-rules.ts';

test.each<[string, 'copied' | 'written' | 'left out']>([
  ['config.json', 'copied'],
  ['video_preprocessor_config.json', 'copied'],
  ['processing_custom.py', 'copied'],
  ['additional_chat_templates/rag.jinja', 'copied'],
  ['tokenizer.model', 'copied'],
  ['sentencepiece.bpe.model', 'copied'],
  ['tekken.json', 'copied'],
  ['vocab.bpe', 'copied'],
  ['merges.txt', 'copied'],
  ['License.TXT', 'copied'],
  ['LICENCE', 'copied'],
  ['NOTICE.md', 'copied'],
  ['USE_POLICY.md', 'copied'],
  ['gemma.license', 'copied'],
  ['model.safetensors', 'written'],
  ['model-00001-of-00002.safetensors', 'written'],
  ['model.safetensors.index.json', 'written'],
  ['consolidated.safetensors', 'left out'],
  ['pytorch_model.bin', 'left out'],
  ['pytorch_model.bin.index.json', 'left out'],
  ['model-Q8_0.gguf', 'left out'],
  ['training_args.bin', 'left out'],
  ['trainer_state.json', 'left out'],
  ['all_results.json', 'left out'],
  ['recipe.json', 'left out'],
  ['README.md', 'left out'],
  ['adapter_config.json', 'left out'],
  ['photo.png', 'left out'],
  ['.gitattributes', 'left out'],
  ['onnx/config.json', 'left out'],
  ['additional_chat_templates/deep/x.jinja', 'left out'],
])('%s is %s', (path, exported) => expect(ruleOf(path)).toMatchObject({ exported, why: expect.any(String) }));

test('a rule says in a clause why, and none is hidden behind an earlier one', () => {
  for (const { name, why } of fileRules) {
    expect(why, name).not.toMatch(/\.$/);
    const example = name.replaceAll('*', 'x');
    const first = fileRules.find((rule) => ruleOf(example).why === rule.why);
    expect(first?.why, name).toBe(why);
  }
});

test('usual names are those of files that are copied, and some of them are licences', () => {
  for (const path of usualFiles) expect(ruleOf(path).exported, path).toBe('copied');
  expect(usualFiles.filter(isLicenceFile)).toEqual(['LICENSE', 'LICENSE.txt', 'LICENSE.md', 'NOTICE']);
});

test('a name of a hundred thousand characters is looked at once for each part of a pattern', () => {
  expect(ruleOf(`model-${'-of-'.repeat(25_000)}`).exported).toBe('left out');
});
