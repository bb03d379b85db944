/** The command line as a person starts it: bundled, in a process of its own, with its exit codes. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const cache = mkdtempSync(join(tmpdir(), 'frism-cache-'));
afterAll(() => rmSync(cache, { recursive: true }));
const frism = (...words: string[]) => spawnSync(process.execPath, ['scripts/frism.mjs', ...words], { encoding: 'utf8', env: { ...process.env, FRISM_CACHE: cache } });

test('computes, and says how it ended', () => {
  const done = frism('evaluate', '--manifest', 'public/models/demo', '--limit', '1', '--json');
  expect([done.status, done.stderr.includes('Decomposing')]).toEqual([0, true]);
  expect(JSON.parse(done.stdout)).toMatchObject({ of: 'vlm', perception: { total: 1 } });
  expect(frism('inspect', 'no/such/folder').status).toBe(1);
  const usage = frism('inspect');
  expect([usage.status, usage.stdout]).toEqual([2, '']);
}, 120_000);
