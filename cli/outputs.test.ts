/** Places that cannot be written to are found before any model is opened, and what was computed is not lost. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { main } from './main.ts';
import { keepResult, requireRoom, writeResult } from './outputs.ts';

const scratch = mkdtempSync(join(tmpdir(), 'frism-outputs-'));
afterAll(() => rmSync(scratch, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());
const at = (...names: string[]) => join(scratch, ...names);
writeFileSync(at('file'), 'mine');
mkdirSync(at('filled'));
writeFileSync(at('filled', 'precious.txt'), 'mine');
mkdirSync(at('empty'));
symlinkSync(at('empty'), at('link-to-empty'));
symlinkSync(at('filled'), at('link-to-filled'));
symlinkSync(at('nowhere'), at('dangling'));

async function frism(...words: string[]) {
  let stderr = '';
  const code = await main(
    words,
    { stdout: () => undefined, stderr: (text) => (stderr += text), live: false },
    new AbortController().signal,
  );
  return { code, stderr };
}
/** Models that are not there: whoever looks at them first says that. */
const none = ['--base', at('none'), '--vlm', at('none'), '--lrm', at('none')];

describe('before any model is looked at', () => {
  const directories: [string, string, RegExp][] = [
    ['a filled directory', 'filled', /filled is not empty\. Choose a new directory, or empty it first/],
    ['a link to a filled one', 'link-to-filled', /is not empty/],
    ['a file', 'file', /file is not a directory\. Choose a new directory/],
    ['a link to nowhere', 'dangling', /is a link to a place that is not there/],
    ['below a file', 'file/below', /cannot be made: .*file is not a directory/],
  ];
  const writers: [string, string[]][] = [
    ['merge', ['merge', ...none, '--out']],
    ['export', ['export', ...none, '--out']],
    ['distill', ['distill', ...none, '--out']],
  ];
  test.each(directories.flatMap((directory) => writers.map((writer) => [...writer, ...directory] as const)))(
    '%s: %s → %s',
    async (_, words, _what, path, message) => {
      const { code, stderr } = await frism(...words, at(path));
      expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
      expect(stderr).not.toContain('There is nothing at');
    },
  );

  const files: [string, string, RegExp][] = [
    ['a missing directory', 'missing/recipe.json', /there is no directory .*missing\. Make it first/],
    ['below a file', 'file/recipe.json', /there is no directory/],
    ['a directory', 'empty', /this is a directory\. Name a file in it/],
    ['a file that exists', 'file', /exists already, and nothing is overwritten/],
  ];
  const fileWriters: [string, string[]][] = [
    ['distill', ['distill', ...none, '--recipe-out']],
    ['evaluate', ['evaluate', ...none, '--recipe', at('file'), '--recipe-out']],
    ['logits', ['logits', '--model', at('none'), '--prompt', 'x', '--out']],
  ];
  test.each(files.flatMap((file) => fileWriters.map((writer) => [...writer, ...file] as const)))(
    '%s: %s → %s',
    async (_, words, _what, path, message) => {
      const { code, stderr } = await frism(...words, at(path));
      expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
      expect(readFileSync(at('file'), 'utf8')).toBe('mine');
    },
  );

  test('a new directory, an empty one and a link to one are no obstacle', async () => {
    for (const path of ['new', 'new/deep/er', 'empty', 'link-to-empty'])
      expect((await frism('merge', ...none, '--out', at(path))).stderr).toMatch(/There is nothing at/);
    expect(readdirSync(scratch)).not.toContain('new');
  });
});

test('an empty directory behind a link is filled, and the link stays', async () => {
  const demo = (role: string) => `public/models/demo/${role}`;
  const trio = ['--base', demo('base'), '--vlm', demo('vlm'), '--lrm', demo('lrm')];
  expect(await frism('merge', ...trio, '--out', at('link-to-empty'), '--quiet')).toEqual({
    code: 0,
    stderr: '',
  });
  expect(readdirSync(at('empty'))).toContain('config.json');
  expect(readdirSync(at('link-to-empty'))).toContain('model.safetensors');
});

test('a disk without room for the weights is named with what is needed', async () => {
  await expect(requireRoom(at('new'), 2 ** 60)).rejects.toMatchObject({
    code: 'memory',
    message: expect.stringMatching(
      /what is written takes up to .* of weights, and files beside them\), and the disk of .* has .* left\. Free some of it/,
    ),
  });
  await expect(requireRoom(at('not', 'yet', 'there'), 1)).resolves.toBeUndefined();
});

describe('a file', () => {
  test('is there as a whole, and no draft beside it', async () => {
    mkdirSync(at('results'));
    await writeResult(at('results', 'a.json'), 'one');
    expect(readFileSync(at('results', 'a.json'), 'utf8')).toBe('one');
    expect(readdirSync(at('results'))).toEqual(['a.json']);
  });

  test('whose place was taken or has gone meanwhile is kept elsewhere, which is said', async () => {
    vi.stubEnv('TMPDIR', scratch);
    for (const path of [at('file'), at('gone', 'a.json')]) {
      const failed = await writeResult(path, 'an hour of work').catch((error: unknown) => error as Error);
      const [, kept] = /kept in (.*)\.$/.exec((failed as Error).message) ?? [];
      expect(readFileSync(kept!, 'utf8')).toBe('an hour of work');
    }
    expect(readFileSync(at('file'), 'utf8')).toBe('mine');
  });

  test('that finds no room anywhere is said so, without a word of a copy', async () => {
    vi.stubEnv('TMPDIR', at('no', 'such', 'place'));
    expect(await keepResult('a.json', 'x')).toBeNull();
    const failed = await writeResult(at('file'), 'x').catch((error: unknown) => error as Error);
    expect((failed as Error).message).toMatch(/file could not be written: .*EEXIST/);
    expect((failed as Error).message).not.toContain('kept');
  });
});

// Root may write everywhere.
if (process.getuid?.() !== 0)
  test('a directory without the right to write is found', async () => {
    mkdirSync(at('closed'));
    chmodSync(at('closed'), 0o500);
    expect((await frism('merge', ...none, '--out', at('closed', 'x'))).stderr).toMatch(
      /may not be written to/,
    );
  });

test('a draft of the same file by a process that is gone goes, and nothing else', async () => {
  const folder = at('drafts');
  mkdirSync(folder);
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  const stays = [`.recipe.json.partial-${process.pid}-0123abcd`, `.other.json.partial-${gone}-0123abcd`];
  for (const name of [`.recipe.json.partial-${gone}-0123abcd`, ...stays])
    writeFileSync(join(folder, name), '{');
  await writeResult(join(folder, 'recipe.json'), '{}');
  expect(readdirSync(folder).sort()).toEqual([...stays, 'recipe.json'].sort());
});
