/** What comes out of files of strangers and is printed: a terminal obeys none of it, and a program reads all of it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Progress } from '../protocol/events.ts';
import { writeHostileFolder } from '../test/hostile-folders.ts';
import { progressLine } from './progress.ts';
import { table } from './table.ts';
import { frism, temporary } from './testing/run-frism.ts';

/** What a terminal or the eye would obey, lines and tabs aside. */
const obeyed = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/;
const name = '\x1b[2J\x1b]0;title\x07w\x9b31m\u202egpj\r\n✗ Nothing is wrong.\x7f';
const header = JSON.stringify({
  __metadata__: { [name]: name },
  [name]: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
});

test('inspect: names of tensors and metadata, as text and as JSON', async () => {
  const folder = writeHostileFolder(temporary(), 'hostile', { header, dataBytes: 4 });
  const text = await frism('inspect', folder);
  expect(text.code).toBe(0);
  expect(text.stdout).not.toMatch(obeyed);
  expect(text.stdout).toContain(
    '\\u001b[2J\\u001b]0;title\\u0007w\\u009b31m\\u202egpj\\u000d\\u000a✗ Nothing',
  );
  // Neither begins a line of its own.
  expect(text.stdout).not.toMatch(/^✗/m);
  const { stdout, json } = await frism('inspect', folder, '--json');
  expect(stdout).not.toMatch(obeyed);
  expect(json).toMatchObject({ metadata: { [name]: name }, tensors: [{ name }] });
});

test('errors and findings: names of folders, tensors and keys', async () => {
  const broken = JSON.stringify({ [name]: { dtype: name, shape: [1], data_offsets: [0, 4] } });
  const { code, stderr } = await frism(
    'inspect',
    writeHostileFolder(temporary(), 'broken', { header: broken, dataBytes: 4 }),
  );
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^frism: .*\\u001b\[2J/)]);
  expect(stderr).not.toMatch(obeyed);
  expect(stderr.trimEnd()).not.toContain('\n');

  const nowhere = await frism('inspect', `/nowhere/${name}`);
  expect(nowhere.code).toBe(1);
  expect(nowhere.stderr).not.toMatch(obeyed);

  const folder = join(temporary(), `models${name.replaceAll('/', '')}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'config.json'), '\ufeff{}');
  writeFileSync(join(folder, 'model.safetensors'), '');
  const empty = await frism('inspect', folder);
  expect([empty.code, empty.stderr]).toEqual([1, expect.stringContaining('\\u001b[2J')]);
  expect(empty.stderr).not.toMatch(obeyed);
});

test('a line of progress moves the cursor by itself alone', () => {
  let said = '';
  const line = progressLine({ stderr: (text) => (said += text), live: true });
  const progress: Progress = { stage: name, done: 1, total: 2, unit: 'items', elapsedMs: 0, etaMs: null };
  line.show(progress);
  line.show({ ...progress, done: 0, total: 0 });
  line.clear();
  expect(said.replaceAll('\r', '')).not.toMatch(obeyed);
  expect(said.split('\\u000d')[0]).toMatch(/^\r\\u001b/);
  expect(said).not.toContain('\n');
});

test('a table has a line for each row, whatever is in its cells', () => {
  expect(table(['a', 'b'], [[name, 1]]).split('\n')).toHaveLength(2);
});
