/** Gates in another basis on the command line, from the run to the weights. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { smallDemo } from '../test/small-demo.ts';
import { openCheckpoint } from '../workers/io/checkpoints/checkpoint.ts';
import { nodeDirectory } from '../workers/io/folders/directory.node.ts';
import { demo, frism, temporary } from './testing/run-frism.ts';

test('distil in random directions: recipe, card and report say so, and the recipe makes the same weights again', async () => {
  const [folder, small] = [temporary(), smallDemo()];
  process.env.FRISM_CACHE = join(folder, 'cache');
  const of = ['--manifest', small, '--layers', '0', '--kinds', 'k,up'];
  const recipe = join(folder, 'recipe.json');
  const distilled = await frism(
    ...[
      'distill',
      ...of,
      '--set',
      'steps=1',
      '--set',
      'batch-size=2',
      '--basis',
      'random',
      '--basis-seed',
      '3',
    ],
    ...['--recipe-out', recipe, '--out', join(folder, 'a'), '--json'],
  );
  expect([distilled.code, distilled.json.steps]).toEqual([0, 1]);
  const said =
    'The gates are of random orthonormal directions (seed 3), not of singular vectors of the task vectors.';
  expect(distilled.json.notes).toContain(said);
  const read = (path: string) => readFileSync(join(folder, path), 'utf8');
  expect(JSON.parse(read('recipe.json'))).toMatchObject({ basis: { id: 'random', seed: 3 } });
  expect(read('a/README.md')).toContain('| basis | random orthonormal directions (seed 3) |');

  const merged = await frism('merge', ...of, '--recipe', recipe, '--out', join(folder, 'b'), '--json');
  expect([merged.code, merged.json.changed, merged.json.notes]).toEqual([0, 2, [said]]);
  expect(read('b/recipe.json')).toBe(read('a/recipe.json'));
  const [a, b, vlm] = await Promise.all(
    [join(folder, 'a'), join(folder, 'b'), demo('vlm')].map((path) => openCheckpoint(nodeDirectory(path))),
  );
  if (!a || !b || !vlm) throw new Error('nothing was written');
  let changed = 0;
  for (const name of vlm.tensors.keys()) {
    const [left, right, before] = [await a.readRaw(name), await b.readRaw(name), await vlm.readRaw(name)];
    expect(Buffer.from(left).equals(right), name).toBe(true);
    changed += Buffer.from(left).equals(before) ? 0 : 1;
  }
  expect(changed).toBe(2);

  // By the level of its gates in each layer: by the strengths of the pieces, whose energy is that of the task vector.
  const level = await frism(
    ...['merge', ...of, '--recipe', recipe, '--method', 'level', '--out', join(folder, 'c'), '--json'],
  );
  expect([level.code, level.json.changed]).toEqual([0, 2]);
  expect(JSON.parse(read('c/recipe.json'))).toMatchObject({ basis: { id: 'random', seed: 3 } });
});
