import { roles } from '../core/family/trio.ts';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encode } from 'fast-png';
import { afterEach, expect, test } from 'vitest';
import { decodeFloat32 } from '../core/safetensors/decode.ts';
import { measureSpectrum } from '../core/spectrum/measures.ts';
import { readArrays, readSafetensors } from '../test/checkpoint.ts';
import { writeImages } from '../test/image-files.ts';
import { openCheckpoint, openWeights } from '../workers/io/checkpoints/checkpoint.ts';
import { nodeDirectory } from '../workers/io/folders/directory.node.ts';
import { main } from './main.ts';
import { writeHollowTrio } from '../test/hollow-trio.ts';

const demo = (role: string): string =>
  fileURLToPath(new URL(`../public/models/demo/${role}`, import.meta.url));
const trio = ['--base', demo('base'), '--vlm', demo('vlm'), '--lrm', demo('lrm')];
const scratch: string[] = [];
const temporary = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'frism-cli-'));
  scratch.push(folder);
  return folder;
};
afterEach(() => scratch.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

async function frism(...words: string[]) {
  let stdout = '';
  let stderr = '';
  const code = await main(
    words,
    { stdout: (text) => (stdout += text), stderr: (text) => (stderr += text), live: false },
    new AbortController().signal,
  );
  return {
    code,
    stdout,
    stderr,
    json: (words.includes('--json') && stdout ? JSON.parse(stdout) : {}) as Record<string, unknown>,
  };
}

test('usage: no command, an unknown one, a missing, unknown or senseless option end with 2 and say so', async () => {
  for (const [words, complaint] of [
    [[], /Which command/],
    [['polish'], /no command “polish”/],
    [['pair', '--base', 'x'], /--vlm is missing/],
    [['inspect'], /takes DIR\|FILE/],
    [['inspect', 'a', '--polish'], /polish/],
    [['spectra', '--base', 'a', '--tuned', 'b', '--top', '0.5'], /--top/],
    [['merge', ...trio, '--out', 'x', '--set', 'mu=1'], /no setting “mu”/],
    [['merge', ...trio, '--out', 'x', '--method', 'polish'], /There is no --method “polish”/],
  ] as const) {
    const { code, stderr, stdout } = await frism(...words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(complaint);
  }
  expect((await frism('help')).stdout).toMatch(/inspect[\s\S]*merge/);
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

test('distil a few steps, evaluate, export and merge by the recipe: the same weights each time', async () => {
  const folder = temporary();
  const manifest = ['--manifest', fileURLToPath(new URL('../public/models/demo', import.meta.url))];
  process.env.FRISM_CACHE = join(folder, 'cache');
  const recipe = join(folder, 'recipe.json');
  const distilled = await frism(
    'distill',
    ...manifest,
    '--set',
    'steps=2',
    '--set',
    'batch-size=4',
    '--set',
    'teacher-top-k=16',
    '--recipe-out',
    recipe,
    '--out',
    join(folder, 'a'),
    '--json',
  );
  expect([distilled.code, distilled.json.steps]).toEqual([0, 2]);
  expect(distilled.stderr).toMatch(/Decomposing[\s\S]*Distilling/);
  expect(JSON.parse(readFileSync(recipe, 'utf8'))).toMatchObject({
    step: 2,
    options: { batchSize: 4, teacherTopK: 16 },
  });
  const merged = await frism('merge', ...trio, '--recipe', recipe, '--out', join(folder, 'b'), '--json');
  expect([merged.code, merged.json.changed]).toEqual([0, 28]);
  const weights = (name: string) => openCheckpoint(nodeDirectory(join(folder, name)));
  const [a, b] = [await weights('a'), await weights('b')];
  for (const name of a.tensors.keys())
    expect(Buffer.from(await a.readRaw(name)).equals(Buffer.from(await b.readRaw(name))), name).toBe(true);
  const adapter = await frism(
    'export',
    ...trio,
    '--recipe',
    recipe,
    '--format',
    'adapter',
    '--rank',
    '4',
    '--out',
    join(folder, 'c'),
    '--json',
  );
  expect(adapter.json).toMatchObject({ format: 'adapter', changed: 28 });
  const scores = await frism('evaluate', ...manifest, '--recipe', recipe, '--limit', '3', '--json');
  expect(scores.json).toMatchObject({ of: 'recipe', perception: { total: 3 }, reasoning: { total: 3 } });
  expect((await frism('evaluate', ...trio)).stderr).toMatch(/no perception set|test set|brings no/);
  expect((await frism('export', ...trio, '--recipe', recipe, '--rank', '4', '--out', 'x')).code).toBe(2);
  expect((await frism('distill', '--set', 'steps=2')).code).toBe(2);
});

test('distil on three folders and images of one’s own: what is used and what is not is said, and the recipe merges', async () => {
  const folder = temporary();
  process.env.FRISM_CACHE = join(folder, 'cache');
  const images = join(folder, 'images');
  writeImages(images);
  writeFileSync(join(folder, 'questions.txt'), 'read\n\ncount\n');
  writeFileSync(join(folder, 'traces.txt'), '3+4*2solve\n5-1solve\n');
  const recipe = join(folder, 'recipe.json');
  const own = [
    '--calibration',
    images,
    '--questions',
    join(folder, 'questions.txt'),
    '--question',
    'first',
    '--traces',
    join(folder, 'traces.txt'),
    '--answer-tokens',
    '6',
  ];
  const { code, json, stderr } = await frism(
    'distill',
    ...trio,
    ...own,
    '--set',
    'steps=2',
    '--set',
    'beta=1',
    '--recipe-out',
    recipe,
    '--json',
  );
  expect([code, json.steps, stderr.includes('Looking through images')]).toEqual([0, 2, true]);
  expect(Object.keys(json)).toEqual([
    'steps',
    'losses',
    'elapsedMs',
    'gates',
    'notes',
    'memory',
    'recipe',
    'out',
  ]);
  expect(json.losses).toMatchObject({
    distill: expect.any(Number),
    trace: expect.any(Number),
    composed: null,
  });
  expect(json.notes).toEqual([
    'Calibrated on 3 images, 9 items.',
    expect.stringMatching(/^Not used: broken\.png\. Could not be decoded/),
  ]);
  const merged = await frism('merge', ...trio, '--recipe', recipe, '--out', join(folder, 'merged'), '--json');
  expect([merged.code, merged.json.changed]).toEqual([0, 28]);

  expect((await frism('distill', ...trio, '--set', 'steps=2')).stderr).toMatch(
    /brings no calibration images/,
  );
  expect((await frism('distill', ...trio, '--question', 'read')).stderr).toMatch(
    /--question goes with --calibration/,
  );
  const single = await frism('distill', ...trio, '--calibration', join(images, 'broken.png'), '--json');
  expect([single.code, single.json]).toMatchObject([
    1,
    { error: { code: 'bad-file', file: join(images, 'broken.png') } },
  ]);
  expect(
    (await frism('distill', ...trio, '--calibration', join(folder, 'nowhere'), '--json')).json,
  ).toMatchObject({ error: { code: 'missing', message: expect.stringMatching(/no images at/) } });
  mkdirSync(join(folder, 'empty'));
  expect((await frism('distill', ...trio, '--calibration', join(folder, 'empty'))).stderr).toMatch(
    /named as an image/,
  );
});

test('only some layers: spectra, task arithmetic, and a distillation whose recipe merges into the same model', async () => {
  const folder = temporary();
  process.env.FRISM_CACHE = join(folder, 'cache');
  const spectrum = await frism(
    'spectra',
    '--base',
    demo('base'),
    '--tuned',
    demo('lrm'),
    '--layers',
    '2-3',
    '--kinds',
    'v',
    '--top',
    '1',
    '--json',
  );
  expect((spectrum.json.tensors as { name: string }[]).map(({ name }) => name)).toEqual(
    [2, 3].map((layer) => `model.layers.${layer}.self_attn.v_proj.weight`),
  );
  const arithmetic = await frism(
    'merge',
    ...trio,
    '--layers',
    '0-3/3',
    '--set',
    'lambda=0.5',
    '--out',
    join(folder, 'a'),
    '--json',
  );
  expect(arithmetic.json).toMatchObject({ changed: 14 });
  expect(readFileSync(join(folder, 'a', 'README.md'), 'utf8')).toContain(
    '14 linear layers of the language model (layers 0,3)',
  );

  const recipe = join(folder, 'recipe.json');
  const manifest = ['--manifest', fileURLToPath(new URL('../public/models/demo', import.meta.url))];
  await frism(
    'distill',
    ...manifest,
    '--layers',
    '1,2',
    '--kinds',
    'attention',
    '--set',
    'steps=1',
    '--set',
    'batch-size=2',
    '--recipe-out',
    recipe,
    '--out',
    join(folder, 'b'),
  );
  expect((JSON.parse(readFileSync(recipe, 'utf8')) as { slots: unknown[] }).slots).toHaveLength(8);
  // The recipe's layers are opened without being named, and no other is touched.
  const merged = await frism('merge', ...trio, '--recipe', recipe, '--out', join(folder, 'c'), '--json');
  expect(merged.json.changed).toBe(8);
  expect((merged.json.notes as string[]).filter((note) => !note.includes('was called'))).toEqual([]);
  const weights = async (name: string) => openCheckpoint(nodeDirectory(join(folder, name)));
  const [b, c] = [await weights('b'), await weights('c')];
  for (const name of b.tensors.keys())
    expect(Buffer.from(await b.readRaw(name)).equals(Buffer.from(await c.readRaw(name))), name).toBe(true);
  // Others may be: they stay closed.
  const wider = await frism(
    'merge',
    ...trio,
    '--layers',
    '0-2',
    '--recipe',
    recipe,
    '--out',
    join(folder, 'd'),
    '--json',
  );
  expect(wider.json).toMatchObject({ changed: 8 });

  for (const [words, complaint] of [
    [['--layers', '3-1'], /--layers: The range 3-1 ends before it begins/],
    [['--kinds', 'norm'], /--kinds: “norm” is no kind/],
  ] as const) {
    const { code, stderr } = await frism('merge', ...trio, ...words, '--out', 'x');
    expect([code, complaint.test(stderr)]).toEqual([2, true]);
  }
  expect(await frism('merge', ...trio, '--layers', '2-7', '--out', join(folder, 'e'))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Layers 4-7 cannot be merged') as string,
  });
});

test('memory is said before a run, and what surely does not fit is refused before anything is read', async () => {
  const { json, stdout } = await frism('pair', ...trio, '--layers', '1,2', '--json');
  expect(json.memory).toMatchObject({
    openingBytes: expect.any(Number) as number,
    run: { bytes: expect.any(Number) as number, peak: expect.any(String) as string },
    verdict: { code: 'fits', proposal: null },
  });
  expect(stdout).not.toContain('Memory:');
  expect((await frism('pair', ...trio)).stdout).toMatch(
    /Memory: opening takes up to .* A run takes about .* of 4\.3 GB that WebAssembly can address\./,
  );

  // Headers of 1.5 billion parameters in float16, and no weights behind them.
  const folder = temporary();
  writeHollowTrio(folder);
  const large = roles.flatMap((role) => [`--${role}`, join(folder, role)]);
  const said = (await frism('pair', ...large, '--json')).json as {
    memory: { verdict: { code: string; proposal: unknown } };
  };
  expect(said.memory.verdict).toMatchObject({ code: 'does-not-fit', proposal: { kind: 'merge-only' } });
  const refused = await frism('distill', ...large, '--json');
  expect([refused.code, refused.json]).toEqual([
    1,
    {
      error: {
        code: 'memory',
        message: expect.stringMatching(
          /more than the 4\.3 GB that WebAssembly can address\. Gates can be set by hand/,
        ) as string,
      },
    },
  ]);
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
