/** Gates that are put on other models than those they were learnt on: what the bytes tell is said. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { main } from './main.ts';

const demo = 'public/models/demo';
const scratch = mkdtempSync(join(tmpdir(), 'frism-recipe-models-'));
const recipe = join(scratch, 'first', 'recipe.json');
beforeAll(async () => {
  vi.stubEnv('FRISM_CACHE', join(scratch, 'cache'));
  await exported('first', ['--manifest', demo, '--layers', '1', '--kinds', 'q']);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(scratch, { recursive: true });
});

async function exported(name: string, words: readonly string[]): Promise<readonly string[]> {
  let stdout = '';
  const code = await main(
    ['export', ...words, '--out', join(scratch, name), '--json', '--quiet'],
    { stdout: (text) => (stdout += text), stderr: () => undefined, live: false },
    new AbortController().signal,
  );
  expect(code, stdout).toBe(0);
  return (JSON.parse(stdout) as { readonly notes: readonly string[] }).notes;
}

/** The demo with one bit of the last tensor of a model turned: names, shapes and singular values stay. */
function withOtherBytes(role: string): string {
  const folder = join(scratch, `other-${role}`);
  cpSync(demo, folder, { recursive: true });
  const path = join(folder, role, 'model.safetensors');
  const bytes = readFileSync(path);
  bytes[bytes.length - 2]! ^= 1;
  writeFileSync(path, bytes);
  return folder;
}

test('the same models: nothing', async () => {
  expect(await exported('again', ['--manifest', demo, '--recipe', recipe])).toEqual([]);
});

test.each([
  [
    'vlm',
    /^The recipe’s VLM was vlm, but with other weights\. The gates were learnt to keep the answers of another/,
  ],
  ['lrm', /^The recipe’s reasoning model was lrm, but with other weights\./],
  ['base', /^The recipe’s base model was base, but with other weights\./],
])('another %s of the same name, by its bytes alone', async (role, said) => {
  const notes = await exported(`of-${role}`, ['--manifest', withOtherBytes(role), '--recipe', recipe]);
  expect(notes).toEqual([expect.stringMatching(said)]);
});
