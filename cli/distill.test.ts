import { smallDemo } from '../test/small-demo.ts';
import { roles } from '../core/family/trio.ts';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { writeImages } from '../test/image-files.ts';
import { openCheckpoint } from '../workers/io/checkpoints/checkpoint.ts';
import { nodeDirectory } from '../workers/io/folders/directory.node.ts';
import { writeHollowTrio } from '../test/hollow-trio.ts';
import { demo, frism, temporary, trio } from './testing/run-frism.ts';

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
    'findings',
    'notes',
    'memory',
    'recipe',
    'out',
    'leftOut',
  ]);
  expect(json.losses).toMatchObject({
    distill: expect.any(Number),
    trace: expect.any(Number),
    composed: null,
  });
  expect(json.notes).toEqual([
    'Calibrated on 3 images, 9 items.',
    expect.stringMatching(/^Not used: broken\.png\. Is damaged, and cannot be decoded as PNG/),
    '1 file was left out because its name does not end as an image’s: notes.txt.',
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
  const manifest = ['--manifest', smallDemo()];
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
