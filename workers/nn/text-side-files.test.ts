import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readModelSpec } from '../../core/family/read-spec.ts';
import type { Finding } from '../../core/family/pairing.ts';
import { openCheckpoint } from '../io/checkpoints/checkpoint.ts';
import { memoryFolder } from '../io/folders/memory-folder.ts';
import { loadPreprocessor } from './preprocess.ts';
import { loadPrompter } from './prompter.ts';

const root = new URL('../../public/models/demo/vlm/', import.meta.url);
const names = [
  'config.json',
  'model.safetensors',
  'tokenizer.json',
  'tokenizer_config.json',
  'preprocessor_config.json',
];
const stored = (name: string): string | Uint8Array => {
  const bytes = new Uint8Array(readFileSync(new URL(name, root)));
  return name.endsWith('.json') ? new TextDecoder().decode(bytes) : bytes;
};
const template = readFileSync(new URL('chat_template.jinja', root), 'utf8');
const files = Object.fromEntries(names.map((name) => [name, stored(name)]));

async function open(changed: Readonly<Record<string, string>>) {
  const checkpoint = await openCheckpoint(memoryFolder('m', { ...files, ...changed }));
  const spec = readModelSpec(checkpoint.config, checkpoint.tensors.keys());
  if (spec.kind !== 'vlm') throw new Error(`the demo was read as ${spec.kind}`);
  const prompter = await loadPrompter(checkpoint, spec);
  const { findings } = await loadPreprocessor(checkpoint, spec);
  return { prompter, findings: [...(checkpoint.findings ?? []), ...prompter.findings, ...findings] };
}
const withCode = (findings: readonly Finding[], code: string) =>
  findings.filter((finding) => finding.code === code);

it.each(['nothing of an image', "{{ messages[0]['content'] | length }}"])(
  'a template that leaves no place for an image is named with the token of config.json: %s',
  async (text) => {
    const { prompter } = await open({ 'chat_template.jinja': text });
    expect(() => prompter.prompt('read', { images: 1 })).toThrow(
      /leaves no place for the image: .*, the token of image_token_id in config\.json/,
    );
  },
);

describe('settings of images in two files', () => {
  const plain = JSON.parse(files['preprocessor_config.json'] as string) as Record<string, unknown>;
  const both = (nested: object) =>
    open({
      'chat_template.jinja': template,
      'processor_config.json': JSON.stringify({ image_processor: nested }),
    });
  it.each([
    [{ ...plain, do_convert_rgb: plain['do_convert_rgb'] !== true }, ['do_convert_rgb']],
    [{ ...plain, image_mean: [0.4, 0.4, 0.4], image_std: [0.3, 0.3, 0.3] }, ['image_mean', 'image_std']],
  ])('the nested ones count, and what they contradict is named: %j', async (nested, keys) => {
    const [found] = withCode((await both(nested)).findings, 'image-processor-contradicted');
    for (const key of keys) expect(found?.message).toContain(key);
  });
  it('that agree are no matter, whatever their order and what one of them leaves out', async () => {
    const { image_processor_type, ...rest } = plain;
    for (const same of [
      { ...rest, image_processor_type },
      { image_processor_type, do_resize: plain['do_resize'] },
    ])
      expect(withCode((await both(same)).findings, 'image-processor-contradicted')).toEqual([]);
  });
});

describe('a byte order mark', () => {
  const whole = { ...files, 'chat_template.jinja': template, 'generation_config.json': '{}' };
  it.each([
    'config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'generation_config.json',
    'special_tokens_map.json',
    'added_tokens.json',
    'preprocessor_config.json',
    'processor_config.json',
    'chat_template.jinja',
  ])('is read past, and named once: %s', async (file) => {
    const text = Object.hasOwn(whole, file) ? (whole as Record<string, string>)[file] : '{}';
    const { prompter, findings } = await open({ 'chat_template.jinja': template, [file]: `\ufeff${text}` });
    expect(withCode(findings, 'byte-order-mark')).toMatchObject([
      { severity: 'warning', message: `${file} of m begins with a byte order mark.` },
    ]);
    const plain = await open({ 'chat_template.jinja': template });
    expect(withCode(plain.findings, 'byte-order-mark')).toEqual([]);
    expect(prompter.prompt('3+4', { images: 0 })).toEqual(plain.prompter.prompt('3+4', { images: 0 }));
  });
});

describe('the chat template of a vision-language model', () => {
  const config = JSON.parse(files['tokenizer_config.json'] as string) as Record<string, unknown>;
  const inConfig = JSON.stringify({ ...config, chat_template: template });

  it('in tokenizer_config.json alone is used, and named: the processor of transformers has none', async () => {
    const { findings } = await open({ 'tokenizer_config.json': inConfig });
    expect(withCode(findings, 'chat-template-of-tokenizer')).toMatchObject([{ severity: 'warning' }]);
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ['chat_template.jinja', { 'chat_template.jinja': template }],
    ['chat_template.json', { 'chat_template.json': JSON.stringify({ chat_template: template }) }],
    ['processor_config.json', { 'processor_config.json': JSON.stringify({ chat_template: template }) }],
  ])('is said nothing of where it is the processor’s too: %s', async (_, more) => {
    const { findings } = await open({ 'tokenizer_config.json': inConfig, ...more });
    expect(withCode(findings, 'chat-template-of-tokenizer')).toEqual([]);
  });
});
