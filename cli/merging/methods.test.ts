/**
 * Merge methods of the command line against mergekit and numpy (zoo/reference/methods/make.py), on files,
 * through the whole command.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseRecipe } from '../../core/recipe/parse.ts';
import { readFixture } from '../../test/fixtures.ts';
import { readArrays, readSafetensors } from '../../test/checkpoint.ts';
import { main } from '../main.ts';
import { isStreamMethod } from '../../core/merging/method.ts';
import { methods } from '../../core/merging/methods.ts';

const reference = 'zoo/reference/methods';
const trio = ['--base', `${reference}/base`, '--vlm', `${reference}/vlm`, '--lrm', `${reference}/lrm`];
const scratch = mkdtempSync(join(tmpdir(), 'frism-methods-'));
const cache = process.env.FRISM_CACHE;
beforeAll(() => {
  process.env.FRISM_CACHE = join(scratch, 'cache');
});
afterAll(() => {
  if (cache === undefined) delete process.env.FRISM_CACHE;
  else process.env.FRISM_CACHE = cache;
  rmSync(scratch, { recursive: true });
});

let runs = 0;
async function merge(...words: string[]) {
  const out = join(scratch, `out-${++runs}`);
  let [stdout, stderr] = ['', ''];
  const code = await main(
    // The made-up changes are as large as the weights, which the command has an objection to.
    ['merge', ...trio, '--accept-findings', 'lrm-not-from-base', '--out', out, '--json', ...words],
    { stdout: (text) => (stdout += text), stderr: (text) => (stderr += text), live: false },
    new AbortController().signal,
  );
  return {
    out,
    code,
    stderr,
    json: JSON.parse(stdout) as { changed: number; notes: string[]; files: string[] },
  };
}
/** Fixtures are named from the repository's root. */
const written = ({ out }: { out: string }) => relative('.', join(out, 'model.safetensors'));
const set = (settings: Record<string, number>) =>
  Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
const metadataOf = async (path: string) => {
  const file = await readFixture(path);
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  return (
    JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))) as {
      __metadata__: Record<string, string>;
    }
  ).__metadata__;
};
const settings = JSON.parse(
  (await metadataOf(`${reference}/expected.safetensors`))['settings'] ?? '{}',
) as Record<string, Record<string, number>>;

describe('as mergekit and numpy have it', () => {
  test('every method is held to a reference', () =>
    // What starts from a recipe's gates is held to them below.
    expect(new Set(methods.filter(({ gates }) => !gates?.startsFromGates).map(({ id }) => id))).toEqual(
      new Set(Object.keys(settings)),
    ));

  test.each(Object.keys(settings))('%s', async (method) => {
    const { out, code, json, stderr } = await merge('--method', method, ...set(settings[method] ?? {}));
    expect(stderr).not.toMatch(/^frism:/m);
    expect([code, json.changed]).toEqual([0, 14]);
    const [expected, vlm] = [
      await readArrays(`${reference}/expected.safetensors`),
      await readSafetensors(`${reference}/vlm/model.safetensors`),
    ];
    const merged = await readArrays(written({ out }));
    for (const [name, { bytes }] of vlm) {
      const got = merged(name).data;
      if (!name.endsWith('_proj.weight')) {
        expect(Buffer.from(got.buffer).equals(Buffer.from(bytes)), name).toBe(true);
        continue;
      }
      const { data } = expected(`${method}/${name}`);
      const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(value - (got[i] ?? NaN))), 0);
      // Weights are about 0.1 here. Iso-C raises the weakest direction, and the rounding of its vectors with
      // it.
      expect(worst, name).toBeLessThan(method === 'iso-c' ? 2e-6 : 3e-7);
    }
    expect(json.notes).toEqual(
      method === 'iso-c' ? [expect.stringMatching(/^1 gate would be above 1024 and was cut there/)] : [],
    );
    const card = readFileSync(join(out, 'README.md'), 'utf8');
    expect(card).toContain(method);
    expect(card).toContain('unknown: see the source');
    const isGates = !methods.some((known) => known.id === method && isStreamMethod(known));
    expect([existsSync(join(out, 'recipe.json')), existsSync(join(out, 'merge.json'))]).toEqual([
      isGates,
      !isGates,
    ]);
    if (isGates)
      expect(parseRecipe(readFileSync(join(out, 'recipe.json'), 'utf8'))).toMatchObject({
        preset: { name: method, settings: settings[method] },
        step: 0,
      });
    else
      expect(JSON.parse((await metadataOf(written({ out })))['frism_merge'] ?? '')).toMatchObject({
        format: 'frism-merge',
        method,
        settings: settings[method],
        inputs: { vlm: { sha256: null } },
      });
  });
});

test('a recipe that a method wrote makes the same weights again, and can be levelled layer by layer', async () => {
  const first = await merge('--method', 'selective-rl-direct', ...set({ k: 2, lambda: 0.4 }));
  const again = await merge('--recipe', join(first.out, 'recipe.json'));
  const weights = (run: { out: string }) => readSafetensors(written(run));
  const [a, b] = [await weights(first), await weights(again)];
  for (const [name, { bytes }] of a)
    expect(Buffer.from(b.get(name)?.bytes ?? []).equals(Buffer.from(bytes)), name).toBe(true);
  expect(readFileSync(join(again.out, 'README.md'), 'utf8')).toContain(
    'selective-rl-direct (k = 2, lambda = 0.4)',
  );

  const level = await merge('--recipe', join(first.out, 'recipe.json'), '--method', 'level');
  const before = await merge('--recipe', join(first.out, 'recipe.json'), '--method', 'layer-wise');
  const recipe = parseRecipe(readFileSync(join(level.out, 'recipe.json'), 'utf8'));
  expect(recipe).toMatchObject({
    preset: { name: 'level', settings: { lambda: 0.4 } },
    options: { lambda: 0.4 },
  });
  // As it was said before it had a name of its own.
  expect(readFileSync(written(before)).equals(readFileSync(written(level)))).toBe(true);
  // Selective-RL restores the norm of τ, so the level that injects as much is 1 everywhere.
  for (const { gates } of recipe.slots) gates.forEach((gate) => expect(gate).toBeCloseTo(1, 5));
});

test('strength 0 is the VLM byte for byte; --hash states the inputs; wrong settings are refused by name', async () => {
  for (const words of [
    ['dare', 'lambda=0'],
    ['slerp', 't=0'],
    ['br2v', 'alpha=1'],
    ['iso-c', 'lambda=0'],
  ] as const) {
    const { out } = await merge('--method', words[0], '--set', words[1]);
    expect(
      readFileSync(join(out, 'model.safetensors')).equals(readFileSync(`${reference}/vlm/model.safetensors`)),
      words[0],
    ).toBe(true);
  }
  const { out } = await merge('--method', 'ties', '--hash');
  const record = JSON.parse(readFileSync(join(out, 'merge.json'), 'utf8')) as {
    inputs: Record<string, { sha256: string }>;
    tensors: string[];
  };
  expect(Object.values(record.inputs).every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256))).toBe(true);
  expect(record.tensors).toHaveLength(14);
  expect((await merge('--recipe', join(out, 'model.safetensors'))).code).toBe(1);

  for (const [words, complaint] of [
    [['--method', 'ties', '--set', 'density=0'], /density=0: ties takes a number from 0.000001 to 1/],
    [['--method', 'top-k', '--set', 'k=1.5'], /top-k takes a whole number/],
    [['--method', 'iso-c', '--set', 'k=3'], /no setting “k”/],
    [['--method', 'polish'], /It is one of task-arithmetic, layer-wise/],
    [['--method', 'ties', '--recipe', 'x'], /not both/],
    [['--method', 'level'], /starts from the gates of a recipe: give --recipe/],
  ] as const) {
    const { code, stderr } = await merge(...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(complaint);
  }
});
