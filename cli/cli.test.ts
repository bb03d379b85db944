import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { expect, test } from 'vitest';
import { decodeFloat32 } from '../core/safetensors/decode.ts';
import { measureSpectrum } from '../core/spectrum/measures.ts';
import { readSafetensors } from '../test/checkpoint.ts';
import { openWeights } from '../workers/io/checkpoints/checkpoint.ts';
import { nodeDirectory } from '../workers/io/folders/directory.node.ts';
import { demo, frism, temporary, trio } from './testing/run-frism.ts';

test('usage: no command, an unknown one, a missing, unknown or senseless option end with 2 and say so', async () => {
  for (const [words, complaint] of [
    [[], /Which command/],
    [['polish'], /no command “polish”/],
    [['pair', '--base', 'x'], /Give --base, --vlm and --lrm, or --manifest/],
    [['pair', ...trio, '--manifest', 'x'], /--manifest names all three models/],
    [['logits', '--model', 'x'], /--prompt is missing/],
    [['inspect'], /takes DIR\|FILE/],
    [['inspect', 'a', '--polish'], /polish/],
    [['spectra', '--base', 'a', '--tuned', 'b', '--top', '0.5'], /--top/],
    [['merge', ...trio, '--out', 'x', '--set', 'mu=1'], /no setting “mu”/],
    [['merge', ...trio, '--out', 'x', '--method', 'polish'], /There is no --method “polish”/],
    [
      ['export', ...trio, '--out', 'x', '--set', 'steps=5'],
      /--set steps=5 would change nothing: the gates are/,
    ],
    [['export', ...trio, '--out', 'x', '--set', 'lambda=1', '--set', 'gate-max=2'], /--set gate-max=2 would/],
    [
      ['merge', ...trio, '--out', 'x', '--recipe', 'r', '--set', 'seed=3'],
      /--set seed=3 would change nothing/,
    ],
    [
      ['evaluate', ...trio, '--recipe', 'r', '--set', 'alpha=1'],
      /--set alpha=1 would change nothing: of the/,
    ],
    [
      ['evaluate', ...trio, '--set', 'lambda=0.5'],
      /--set lambda=0\.5 would change nothing: the VLM by itself/,
    ],
  ] as const) {
    const { code, stderr, stdout } = await frism(...words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(complaint);
  }
  expect((await frism('help')).stdout).toMatch(/inspect[\s\S]*merge/);
  const unknown = await frism('help', 'nope');
  expect([unknown.code, unknown.stdout, unknown.stderr]).toEqual([
    2,
    '',
    expect.stringMatching(/^frism: There is no command “nope”\.[\s\S]*merge/),
  ]);
  expect((await frism('merge', '--help')).stdout).toMatch(/--max-shard-size SIZE/);
  expect((await frism('pair', '--json')).json).toMatchObject({ error: { code: 'usage' } });
});

test('inspect lists what the file holds, for a folder and for a file', async () => {
  const { code, json } = await frism('inspect', demo('vlm'), '--json');
  const tensors = await readSafetensors('public/models/demo/vlm/model.safetensors');
  expect(code).toBe(0);
  expect(json).toMatchObject({ format: 'safetensors', forward: { available: true } });
  const listed = json.tensors as { name: string; dtype: string; shape: number[]; bytes: number }[];
  expect(new Map(listed.map(({ name, dtype, shape, bytes }) => [name, { dtype, shape, bytes }]))).toEqual(
    new Map(
      [...tensors].map(([name, { dtype, shape, bytes }]) => [name, { dtype, shape, bytes: bytes.length }]),
    ),
  );
  const file = await frism('inspect', `${demo('base')}/model.safetensors`, '--json');
  expect((file.json.tensors as unknown[]).length).toBeGreaterThan(10);
  expect((await frism('inspect', demo('base'))).stdout).toMatch(/LlamaForCausalLM[\s\S]*q_proj/);
});

test('an error is one JSON value with the file, and exit code 1', async () => {
  const broken = join(temporary(), 'model.safetensors');
  writeFileSync(broken, Buffer.from('not a safetensors file at all'));
  const { code, json, stderr } = await frism('inspect', broken, '--json');
  expect(code).toBe(1);
  expect(json).toMatchObject({ error: { code: 'bad-file' } });
  expect((json.error as { file?: string }).file).toContain('model.safetensors');
  expect(stderr).toMatch(/^frism: /);
  expect((await frism('inspect', '/nowhere/at/all', '--json')).json).toMatchObject({
    error: { code: 'missing' },
  });
});

test('pair says what fits', async () => {
  const { code, json } = await frism('pair', ...trio, '--json');
  expect(code).toBe(0);
  expect(json.matched).toBe(28);
  for (const finding of json.findings as Record<string, unknown>[])
    expect(Object.keys(finding)).toEqual(expect.arrayContaining(['code', 'severity', 'message', 'remedy']));
});

test('spectra: values fall, agree with the matrix itself, and can be cut', async () => {
  const layer = 'model.layers.0.self_attn.q_proj.weight';
  const { code, json } = await frism(
    'spectra',
    '--base',
    demo('base'),
    '--tuned',
    demo('lrm'),
    '--tensor',
    layer,
    '--json',
  );
  expect(code).toBe(0);
  const [only] = json.tensors as {
    name: string;
    shape: [number, number];
    singularValues: number[];
  }[];
  const [tuned, origin] = await Promise.all(
    ['lrm', 'base'].map((role) => readSafetensors(`public/models/demo/${role}/model.safetensors`)),
  );
  const of = (tensors: typeof tuned) => {
    const tensor = tensors?.get(layer);
    return decodeFloat32(tensor?.dtype as 'F16', tensor?.bytes as Uint8Array<ArrayBuffer>);
  };
  const energy = of(tuned).reduce((sum, value, i) => sum + (value - (of(origin)[i] ?? 0)) ** 2, 0);
  const s = only?.singularValues ?? [];
  expect(only?.name).toBe(layer);
  expect(s.length).toBe(Math.min(...(only?.shape ?? [0])));
  expect(s.every((value, i) => i === 0 || value <= (s[i - 1] ?? 0))).toBe(true);
  expect(s.reduce((sum, value) => sum + value * value, 0) / energy).toBeCloseTo(1, 5);
  expect(only).toMatchObject(
    measureSpectrum({ sigma: s, rows: only?.shape[0] ?? 0, columns: only?.shape[1] ?? 0 }),
  );
  const cut = await frism(
    'spectra',
    '--base',
    demo('base'),
    '--tuned',
    demo('lrm'),
    '--tensor',
    layer,
    '--top',
    '3',
    '--json',
  );
  expect((cut.json.tensors as { singularValues: number[] }[])[0]).toEqual({
    ...only,
    singularValues: s.slice(0, 3),
  });
  expect(
    (await frism('spectra', '--base', demo('base'), '--tuned', demo('lrm'), '--tensor', 'nothing', '--json'))
      .json,
  ).toMatchObject({ error: { code: 'missing', tensor: 'nothing' } });
});

test('generate and logits: the answer begins with the likeliest token; images go where there are eyes', async () => {
  const folder = temporary();
  const out = join(folder, 'logits.safetensors');
  const ask = ['--model', demo('lrm'), '--prompt', '3+4*2'];
  expect((await frism('logits', ...ask, '--out', out)).code).toBe(0);
  const written = await openWeights(nodeDirectory(folder), ['logits.safetensors']);
  const [, tokens = 0, vocabulary = 0] = written.tensors.get('logits')?.shape ?? [];
  expect(written.tensors.get('input_ids')).toMatchObject({ dtype: 'I64', shape: [1, tokens] });
  const last = (await written.readFloat32('logits')).subarray((tokens - 1) * vocabulary);
  const said = await frism('generate', ...ask, '--max-tokens', '8', '--json');
  const { ids, text } = said.json as { ids: number[]; text: string };
  expect(ids[0]).toBe(last.indexOf(Math.max(...last)));
  expect(ids.length).toBeLessThanOrEqual(8);
  expect(text.length).toBeGreaterThan(0);
  const image = join(folder, 'image.png');
  writeFileSync(
    image,
    encode({ width: 48, height: 48, data: new Uint8Array(48 * 48 * 3).fill(255), channels: 3 }),
  );
  const seen = await frism(
    'generate',
    '--model',
    demo('vlm'),
    '--prompt',
    'count',
    '--image',
    image,
    '--max-tokens',
    '4',
    '--json',
  );
  expect([seen.code, (seen.json as { promptTokens: number }).promptTokens]).toEqual([0, expect.any(Number)]);
  expect((await frism('generate', ...ask, '--image', image)).stderr).toMatch(/text model and takes no image/);
  expect(
    (
      await frism(
        'generate',
        '--model',
        demo('vlm'),
        '--prompt',
        'count',
        '--image',
        join(folder, 'none.png'),
      )
    ).code,
  ).toBe(1);
});

test('a pointer of Git LFS is named as one in the place of weights, of a template and of questions', async () => {
  const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n';
  const model = join(temporary(), 'model');
  for (const file of ['model.safetensors', 'chat_template.jinja', 'tokenizer.json']) {
    cpSync(demo('base'), model, { recursive: true });
    writeFileSync(join(model, file), pointer);
    const { code, stderr } = await frism('generate', '--model', model, '--prompt', '2+3');
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(new RegExp(`${file}:? is a Git LFS pointer.*git lfs pull.*from the Hub`)),
    ]);
  }
  const questions = join(model, 'questions.txt');
  writeFileSync(questions, pointer);
  const images = ['--calibration', join(demo('vlm'), '..', 'data', 'calibration.png')];
  const asked = await frism('distill', ...trio, ...images, '--questions', questions);
  expect([asked.code, asked.stderr]).toEqual([
    1,
    expect.stringContaining('questions.txt is a Git LFS pointer'),
  ]);
  writeFileSync(questions, Buffer.from('How many?\n', 'utf16le'));
  const wide = await frism('distill', ...trio, ...images, '--questions', questions);
  expect([wide.code, wide.stderr]).toEqual([
    1,
    expect.stringMatching(/questions\.txt .*UTF-16.*Save it as UTF-8/),
  ]);
  writeFileSync(questions, Buffer.from('Wie groß?\n', 'latin1'));
  const old = await frism('distill', ...trio, ...images, '--traces', questions);
  expect([old.code, old.stderr]).toEqual([
    1,
    expect.stringMatching(/questions\.txt is not valid UTF-8 text/),
  ]);
});

test('a text longer than the model was made for is computed, and said; a model of fewer layers is told by both numbers', async () => {
  const model = join(temporary(), 'model');
  cpSync(demo('base'), model, { recursive: true });
  const change = (part: object) => {
    const config = JSON.parse(readFileSync(join(demo('base'), 'config.json'), 'utf8')) as object;
    writeFileSync(join(model, 'config.json'), JSON.stringify({ ...config, ...part }));
  };
  const ask = ['--model', model, '--prompt', '2+3'];
  const whole = await frism('generate', ...ask, '--json');
  expect([whole.code, whole.stderr]).toEqual([0, expect.not.stringContaining('was made for')]);
  change({ max_position_embeddings: 4 });
  const beyond = await frism('generate', ...ask, '--json');
  const { promptTokens, tokens } = whole.json as { promptTokens: number; tokens: number };
  expect(beyond.json).toEqual(whole.json);
  expect(beyond.stderr).toContain(
    `is ${promptTokens + tokens} tokens long, prompt and answer together, and model was made for 4`,
  );
  const logits = await frism('logits', ...ask, '--out', join(model, 'out.safetensors'));
  expect([logits.code, logits.stderr]).toEqual([
    0,
    expect.stringContaining(
      `is ${promptTokens} tokens long, prompt and answer together, and model was made for 4`,
    ),
  ]);
  for (const [template, complaint] of [
    ['', /writes nothing for a question\..*an empty file is what a download that failed leaves/],
    [null, /^frism: model has no chat template .*or give it a text to continue by frism generate --raw\.$/m],
  ] as const) {
    const file = join(model, 'chat_template.jinja');
    if (template === null) rmSync(file);
    else writeFileSync(file, template);
    const { code, stderr } = await frism('generate', ...ask);
    expect([code, stderr]).toEqual([1, expect.stringMatching(complaint)]);
  }
  const nothing = await frism('generate', '--raw', '--model', model, '--prompt=');
  expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('The prompt has no tokens')]);
  cpSync(join(demo('base'), 'chat_template.jinja'), join(model, 'chat_template.jinja'));
  change({ logit_scale_of_tomorrow: 2 });
  const unknown = await frism('generate', ...ask);
  expect([unknown.code, unknown.stderr]).toEqual([
    0,
    expect.stringContaining(
      'config.json of model has a key that is not known here: logit_scale_of_tomorrow.',
    ),
  ]);
  change({ num_hidden_layers: 6 });
  const fewer = await frism('generate', ...ask);
  expect([fewer.code, fewer.stderr]).toEqual([
    1,
    expect.stringMatching(
      /model has no tensor of the layer model\.layers\.4: its config\.json says num_hidden_layers 6, and its weights hold 4 layers/,
    ),
  ]);
});
