/**
 * Recipes, cached factors and exports that an earlier version wrote still open, and mean the same weights to
 * the bit. test/stored/ holds the files and says what made them.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { encodeRecipe } from '../core/recipe/encode.ts';
import { readRecipeFile } from '../core/recipe/file.ts';
import { parseRecipe } from '../core/recipe/parse.ts';
import { readSafetensors } from '../test/checkpoint.ts';
import { main } from './main.ts';

// The stored factors were made without fused multiply-adds, and are named by that.
vi.mock('../workers/kernels/svd/wasm-build.ts', async (original) => ({
  ...(await original<object>()),
  bestBuild: () => 'simd',
}));

const path = (relative: string): string => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const stored = (relative: string): string => path(`test/stored/0.1.0/${relative}`);
const recipes = readdirSync(stored('recipes'));
const expected = JSON.parse(readFileSync(stored('expected.json'), 'utf8')) as {
  exportedBytes: number;
  changed: Record<string, Record<string, string>>;
};
const demo = ['base', 'vlm', 'lrm'].flatMap((role) => [`--${role}`, path(`public/models/demo/${role}`)]);
const factors = 'factors/svd-gram64-4';

let scratch = '';
let cacheBefore: string | undefined;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'frism-stored-'));
  cacheBefore = process.env.FRISM_CACHE;
  process.env.FRISM_CACHE = join(scratch, 'cache');
});
afterEach(() => {
  if (cacheBefore === undefined) delete process.env.FRISM_CACHE;
  else process.env.FRISM_CACHE = cacheBefore;
  rmSync(scratch, { recursive: true });
});

test.each(recipes)('%s is read, and reads the same after it is written again', (name) => {
  const text = readFileSync(stored(`recipes/${name}`), 'utf8');
  const recipe = parseRecipe(text);
  const raw = JSON.parse(text) as { options: object; step: number; budget?: number; slots: unknown[] };
  expect(recipe.options).toMatchObject(raw.options);
  expect([recipe.step, recipe.budget, recipe.slots.length]).toEqual([
    raw.step,
    raw.budget ?? null,
    raw.slots.length,
  ]);
  expect(parseRecipe(encodeRecipe(recipe))).toEqual(recipe);
});

test('the recipe in the header of an exported model is found', async () => {
  const header = readFileSync(stored('exported-header.bin'));
  const blob = new Blob([new Uint8Array(header), new Uint8Array(expected.exportedBytes - header.length)]);
  const file = Object.assign(blob, { name: 'model.safetensors' });
  expect(await readRecipeFile(file)).toEqual(
    parseRecipe(readFileSync(stored('recipes/distilled.json'), 'utf8')),
  );
});

test.each(Object.keys(expected.changed))(
  'the %s recipe gives the weights of its time, from factors that were cached then',
  async (name) => {
    cpSync(stored('cache'), join(scratch, 'cache'), { recursive: true, preserveTimestamps: true });
    const entries = join(scratch, 'cache', factors);
    const [entry = ''] = readdirSync(entries);
    const writtenMs = statSync(join(entries, entry)).mtimeMs;

    const out = join(scratch, 'merged');
    let stderr = '';
    const code = await main(
      ['merge', ...demo, '--recipe', stored(`recipes/${name}.json`), '--out', out, '--quiet'],
      { stdout: () => {}, stderr: (text) => (stderr += text), live: false },
      new AbortController().signal,
    );
    expect([code, stderr.match(/error/i)]).toEqual([0, null]);

    const tensors = await readSafetensors(relative(path('.'), join(out, 'model.safetensors')));
    const changed = Object.entries(expected.changed[name] ?? {});
    expect(changed).toHaveLength(1);
    for (const [tensor, sha256] of changed)
      expect(
        createHash('sha256')
          .update(tensors.get(tensor)?.bytes ?? '')
          .digest('hex'),
      ).toBe(sha256);
    // The entry was found under its name, and neither written again nor joined by another.
    expect(readdirSync(entries).filter((file) => file !== 'uses.json')).toEqual([entry]);
    expect(statSync(join(entries, entry)).mtimeMs).toBe(writtenMs);
  },
);
