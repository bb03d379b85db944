import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readArrays } from '../test/checkpoint.ts';
import { openCheckpoint } from '../workers/io/checkpoints/checkpoint.ts';
import { nodeDirectory } from '../workers/io/folders/directory.node.ts';
import { demo, frism, temporary, trio } from './testing/run-frism.ts';

test('merge by task arithmetic: Eq. W_v + λτ in stored numbers, everything else byte for byte, and nothing overwritten', async () => {
  const out = join(temporary(), 'merged');
  const words = [
    'merge',
    ...trio,
    '--method',
    'task-arithmetic',
    '--set',
    'lambda=0.5',
    '--out',
    out,
    '--json',
  ];
  const { code, json, stderr } = await frism(...words);
  expect([code, json.changed]).toEqual([0, 28]);
  expect(stderr).toMatch(/Merging/);
  expect(readdirSync(out)).toEqual(
    expect.arrayContaining(['config.json', 'model.safetensors', 'README.md', 'tokenizer.json']),
  );
  expect(readFileSync(join(out, 'config.json'))).toEqual(readFileSync(join(demo('vlm'), 'config.json')));
  const again = await frism(...words);
  expect(again.code).toBe(1);
  expect(again.stderr).toMatch(/is not empty/);
  const listed = (await frism('inspect', out, '--json')).json.tensors as {
    name: string;
    dtype: string;
    shape: number[];
  }[];
  const before = (await frism('inspect', demo('vlm'), '--json')).json.tensors;
  expect(listed).toEqual(before);
  const zero = join(temporary(), 'zero');
  await frism('merge', ...trio, '--set', 'lambda=0', '--out', zero);
  expect(
    readFileSync(join(zero, 'model.safetensors')).equals(
      readFileSync(join(demo('vlm'), 'model.safetensors')),
    ),
  ).toBe(true);
  const sharded = join(temporary(), 'sharded');
  const report = (
    await frism(
      'merge',
      ...trio,
      '--set',
      'lambda=0.5',
      '--max-shard-size',
      '500kB',
      '--out',
      sharded,
      '--json',
    )
  ).json;
  expect((report.files as string[]).filter((name) => name.endsWith('.safetensors')).length).toBeGreaterThan(
    3,
  );
});

test('a LoRA adapter as reasoning model: its spectrum has its rank, and a merge with λ 1 onto its own base is what peft merges', async () => {
  const folder = (name: string) => `zoo/reference/adapter/${name}`;
  const spectrum = await frism(
    'spectra',
    '--base',
    folder('base'),
    '--tuned',
    folder('plain'),
    '--tensor',
    'layers.0.self_attn.q_proj',
    '--json',
  );
  const [only] = spectrum.json.tensors as { singularValues: number[] }[];
  expect(only?.singularValues.filter((value) => value > 0).length).toBe(4);
  expect(only?.singularValues.length).toBe(16);
  const out = join(temporary(), 'merged');
  const { code, json } = await frism(
    'merge',
    '--base',
    folder('base'),
    '--vlm',
    folder('base'),
    '--lrm',
    folder('plain'),
    '--set',
    'lambda=1',
    '--out',
    out,
    '--json',
  );
  expect([code, json.changed]).toEqual([0, 14]);
  const merged = await openCheckpoint(nodeDirectory(out));
  const expected = await readArrays('zoo/reference/adapter/merged.safetensors');
  const name = 'model.layers.1.mlp.down_proj.weight';
  const { data } = expected(`plain/${name}`);
  (await merged.readFloat32(name)).forEach((value, i) =>
    expect(Math.abs(value - (data[i] ?? 0))).toBeLessThan(1e-5),
  );
});

test('what the VLM has beside its weights goes along or is named, and no link leads out of its folder', async () => {
  const folder = temporary();
  const vlm = join(folder, 'vlm');
  cpSync(demo('vlm'), vlm, { recursive: true });
  const beside = { 'video_preprocessor_config.json': '{}', 'modeling_x.py': '# code', LICENCE: 'terms' };
  for (const [name, text] of Object.entries(beside)) writeFileSync(join(vlm, name), text);
  mkdirSync(join(vlm, 'additional_chat_templates'));
  writeFileSync(join(vlm, 'additional_chat_templates', 'rag.jinja'), 'x');
  writeFileSync(join(vlm, 'pytorch_model.bin'), 'x');
  writeFileSync(join(folder, 'secret'), 'secret');
  symlinkSync(join(folder, 'secret'), join(vlm, 'NOTICE'));
  const out = join(folder, 'merged');
  const words = ['--base', demo('base'), '--vlm', vlm, '--lrm', demo('lrm'), '--set', 'lambda=0.5'];
  const { code, json } = await frism('merge', ...words, '--out', out, '--json');
  expect(code).toBe(0);
  for (const [name, text] of Object.entries(beside)) expect(readFileSync(join(out, name), 'utf8')).toBe(text);
  expect(readdirSync(join(out, 'additional_chat_templates'))).toEqual(['rag.jinja']);
  expect(json.leftOut).toEqual([
    expect.objectContaining({ name: 'pytorch_model.bin' }),
    { name: 'NOTICE', why: 'a link to a file of another name outside of the folder' },
  ]);
  expect(readdirSync(out)).not.toContain('NOTICE');
  expect(readFileSync(join(out, 'README.md'), 'utf8')).toMatch(
    /Files left out[^]*pytorch_model\.bin[^]*NOTICE/,
  );
});
