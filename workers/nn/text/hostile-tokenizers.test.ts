import { expect, test } from 'vitest';
import { harmlessTokenizers, hostileTokenizers } from '../../../test/hostile-tokenizers.ts';
import { prompterOf } from '../../../test/prompter-of.ts';
import { longestText } from './tokenizer-limits.ts';

// What is not counted or limited would not end here, or only when memory does.
test.each(hostileTokenizers)('%s: refused with the file and the limit', async (_, json, text, message) => {
  const use = async (): Promise<void> => {
    const prompter = await prompterOf({ 'tokenizer.json': JSON.stringify(json()) });
    prompter.decode(prompter.encode(text));
  };
  await expect(use()).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringMatching(message),
    details: { file: 'tokenizer.json' },
  });
});

test.each(harmlessTokenizers)('%s: read', async (_, json, text) => {
  const prompter = await prompterOf({ 'tokenizer.json': JSON.stringify(json()) });
  expect(prompter.encode(text).length).toBeGreaterThan(0);
});

test('a prompt that is too long for any model is refused before it is cut into tokens', async () => {
  const [, json] = harmlessTokenizers[0]!;
  const chat_template = `{{ "a" * ${longestText + 1} }}`;
  const files = {
    'tokenizer.json': JSON.stringify(json()),
    'tokenizer_config.json': JSON.stringify({ chat_template }),
  };
  const prompter = await prompterOf(files);
  expect(() => prompter.prompt('Hello', { images: 0 })).toThrow(
    expect.objectContaining({
      code: 'unsupported',
      message: expect.stringContaining(`${longestText + 1} characters`),
      details: { file: 'tokenizer_config.json', value: longestText + 1 },
    }),
  );
});

test('a template without an end is refused with its file and the limit', async () => {
  const [, json] = harmlessTokenizers[0]!;
  const chat_template =
    '{% set s = "a" * 1000000 %}{% for i in range(9000) %}{% set x = s | upper %}{% endfor %}';
  const files = { 'tokenizer.json': JSON.stringify(json()), 'chat_template.jinja': chat_template };
  const prompter = await prompterOf(files);
  expect(() => prompter.prompt('Hello', { images: 0 })).toThrow(
    expect.objectContaining({
      code: 'unsupported',
      message: expect.stringMatching(
        /chat_template\.jinja of m fails on this text: it takes more than 50000000 units/,
      ),
      details: { file: 'chat_template.jinja' },
    }),
  );
});

test('sixty megabytes of empty lists are refused before they are read', async () => {
  await expect(prompterOf({ 'tokenizer.json': `[${'[],'.repeat(20e6)}[]]` })).rejects.toMatchObject({
    code: 'bad-file',
    details: { file: expect.stringContaining('tokenizer.json') },
  });
});
