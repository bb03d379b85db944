/** What a process that was killed left beside a target goes when the next one writes there; nothing else does. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { directoryFiles } from '../cache/directory-cache.node.ts';
import { directoryOutput, refuseUnfit, removeDrafts, watchDrafts } from './directory-output.node.ts';

const scratch = mkdtempSync(join(tmpdir(), 'frism-drafts-'));
afterAll(() => rmSync(scratch, { recursive: true }));
/** Of a process that has ended. */
const gone = spawnSync(process.execPath, ['-e', '']).pid;
const names = (folder: string) => readdirSync(folder).sort();

test('a draft of a process that is gone is removed; of another target, of a running process, or of another kind it stays', async () => {
  const parent = join(scratch, 'exports');
  const abandoned = `.out.partial-${gone}-0123abcd`;
  const stays = [
    `.other.partial-${gone}-0123abcd`,
    `.out.partial-${process.pid}-0123abcd`,
    `.out.partial-${gone}-mine`,
    '.out.partial-',
    'out.partial',
  ];
  for (const name of [abandoned, ...stays]) mkdirSync(join(parent, name), { recursive: true });
  writeFileSync(join(parent, abandoned, 'model.safetensors'), 'half');
  const output = await directoryOutput(join(parent, 'out'));
  expect(names(parent)).toHaveLength(stays.length + 1);
  expect(names(parent)).toEqual(expect.arrayContaining(stays));
  await output.discard();
  expect(names(parent)).toEqual(stays.sort());
});

test('a process that ends at once takes its drafts along, and nothing that is done', async () => {
  const parent = join(scratch, 'ending');
  const drafts = new Set<string>();
  watchDrafts((draft, isThere) => drafts[isThere ? 'add' : 'delete'](draft));
  const done = await directoryOutput(join(parent, 'done'));
  await done.commit();
  const half = await directoryOutput(join(parent, 'half'));
  await (await half.create('model.safetensors')).write(Uint8Array.of(1));
  expect(drafts.size).toBe(1);
  removeDrafts(drafts);
  expect(names(parent)).toEqual(['done']);
  // What was taken away is not put in its place any more.
  await expect(half.commit()).rejects.toThrow('cannot be written');
  expect(names(parent)).toEqual(['done']);
  await half.discard();
  expect(drafts.size).toBe(0);
});

test('a place where nothing can be made is refused before work begins, also where it claims to be writable', async () => {
  for (const place of ['/proc/merged', '/proc/merged/below']) {
    const error = expect.objectContaining({ details: { file: place } }) as Error;
    await expect(refuseUnfit(place)).rejects.toEqual(error);
    await expect(directoryOutput(place)).rejects.toEqual(error);
  }
});

test('drafts of a cache go likewise, and are no entries', async () => {
  const folder = join(scratch, 'cache');
  const id = '01234567-89ab-cdef-0123-456789abcdef';
  mkdirSync(folder);
  for (const name of ['entry', `entry.${gone}.${id}`, `entry.${process.pid}.${id}`])
    writeFileSync(join(folder, name), 'x');
  expect((await directoryFiles(folder).list()).map(({ name }) => name)).toEqual(['entry']);
  expect(names(folder)).toEqual(['entry', `entry.${process.pid}.${id}`]);
});
