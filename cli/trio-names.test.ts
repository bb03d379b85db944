/** Three folders and a manifest that names them are the same to every command that takes a trio. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { demo, frism, temporary, trio } from './testing/run-frism.ts';

const manifest = dirname(demo('vlm'));

test('pair takes a manifest, by its folder or by its file', async () => {
  const folders = await frism('pair', ...trio, '--json');
  expect(folders.json).toMatchObject({ matched: 28 });
  for (const place of [manifest, join(manifest, 'manifest.json')]) {
    const { code, json } = await frism('pair', '--manifest', place, '--json');
    expect([code, json]).toEqual([0, folders.json]);
  }
});

test('a merge in a stream takes a manifest, and writes what it writes of the three folders', async () => {
  const [a, b] = [join(temporary(), 'a'), join(temporary(), 'b')];
  expect((await frism('merge', ...trio, '--out', a, '--layers', '0', '--quiet')).code).toBe(0);
  expect((await frism('merge', '--manifest', manifest, '--out', b, '--layers', '0', '--quiet')).code).toBe(0);
  const weights = (out: string) => readFileSync(join(out, 'model.safetensors'));
  expect(weights(b).equals(weights(a))).toBe(true);
});

test('a manifest that is not there, or that leads out of its folder, is refused', async () => {
  const folder = temporary();
  expect((await frism('pair', '--manifest', join(folder, 'none.json'))).stderr).toMatch(
    /There is no manifest at/,
  );
  mkdirSync(join(folder, 'trio'));
  const file = join(folder, 'trio', 'manifest.json');
  const own = JSON.parse(readFileSync(join(manifest, 'manifest.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify({ ...own, models: { base: '../base', vlm: 'vlm', lrm: 'lrm' } }));
  expect(await frism('pair', '--manifest', file)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('base'),
  });
});

test('export says by which gates it writes where no recipe is given', async () => {
  const out = join(temporary(), 'out');
  const { code, json } = await frism(
    'export',
    ...trio,
    '--layers',
    '0',
    '--kinds',
    'q',
    '--out',
    out,
    '--json',
  );
  expect([code, json['notes']]).toEqual([
    0,
    ['No recipe was given, so every gate is 1: this is task arithmetic.'],
  ]);
});
