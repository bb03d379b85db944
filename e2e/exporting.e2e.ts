/**
 * Leaving as files: into a folder that the person picks, in new shards, and never over something that is
 * there.
 */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { byId, onDemo, standInForPicker, untilText } from './support.ts';

let page: Page;
let errors: string[];

onDemo(async (opened) => {
  ({ page, errors } = opened);
  await standInForPicker(page);
});

/** Paths and sizes under the picked folder. */
const listed = (): Promise<Record<string, number>> =>
  page.evaluate(async () => {
    const found: Record<string, number> = {};
    const walk = async (directory: FileSystemDirectoryHandle, prefix: string): Promise<void> => {
      for await (const [name, handle] of directory.entries()) {
        if (handle.kind === 'directory') await walk(handle as FileSystemDirectoryHandle, `${prefix}${name}/`);
        else found[prefix + name] = (await (handle as FileSystemFileHandle).getFile()).size;
      }
    };
    await walk(
      await (await navigator.storage.getDirectory()).getDirectoryHandle('picked', { create: true }),
      '',
    );
    return found;
  });

test('an empty folder is filled, a folder that holds something gets a subfolder', async () => {
  await byId(page, 'export-folder').click();
  await untilText(page, 'export-summary', /Saved in picked\. 28 tensors changed/);
  const first = await listed();
  expect(Object.keys(first)).toEqual(
    expect.arrayContaining([
      'model.safetensors',
      'config.json',
      'recipe.json',
      'README.md',
      'tokenizer.json',
    ]),
  );
  expect(first['model.safetensors']).toBeGreaterThan(2_000_000);
  await byId(page, 'export-folder').click();
  await untilText(page, 'export-summary', /Saved in picked\/frism-merged\./);
  const second = await listed();
  expect(Object.keys(second).length).toBe(2 * Object.keys(first).length);
  expect(second['frism-merged/model.safetensors']).toBe(first['model.safetensors']);
});

/** In the engine's worker: what a browser does on a disk that stands still, until it goes on, or on a full one. */
async function everyWrite(what: 'as ever' | 'held' | 'full'): Promise<void> {
  const worker = page.workers().find((candidate) => candidate.url().includes('engine.worker'));
  if (!worker) throw new Error('The engine worker is not there.');
  await worker.evaluate((how) => {
    const stream = FileSystemWritableFileStream.prototype as FileSystemWritableFileStream & {
      plainWrite?: FileSystemWritableFileStream['write'];
      how?: string;
    };
    stream.how = how;
    if (stream.plainWrite) return;
    const plain = (stream.plainWrite = stream.write);
    stream.write = async function (part) {
      while (stream.how === 'held') await new Promise((resolve) => setTimeout(resolve, 20));
      if (stream.how === 'full') throw new DOMException('The disk is full.', 'QuotaExceededError');
      return plain.call(this, part);
    };
  }, what);
}

test('cancelled half-way, or with a disk that fills up, it leaves nothing behind and says so; the next one works', async () => {
  const before = await listed();
  await everyWrite('held');
  await byId(page, 'export-folder').click();
  // Its own subfolder is there, and the first shard is being written.
  await expect
    .poll(async () => Object.keys(await listed()).some((path) => path.startsWith('frism-merged-2/')))
    .toBe(true);
  await byId(page, 'cancel-export').click();
  await everyWrite('as ever');
  await untilText(page, 'export-note', /The export was cancelled, and what had been written was removed\./);
  expect(await listed()).toEqual(before);

  await everyWrite('full');
  await byId(page, 'export-folder').click();
  await untilText(page, 'export-error', /could not be written: there is no room left/);
  expect(await listed()).toEqual(before);

  await everyWrite('as ever');
  await byId(page, 'export-folder').click();
  await untilText(page, 'export-summary', /Saved in picked\/frism-merged-2\. 28 tensors changed/);
});

test('a picker that is closed exports nothing', async () => {
  const before = await listed();
  await page.evaluate(() =>
    Object.assign(window, {
      showDirectoryPicker: () => Promise.reject(new DOMException('closed', 'AbortError')),
    }),
  );
  await byId(page, 'export-folder').click();
  await page.waitForTimeout(500);
  expect(await byId(page, 'export').isEnabled()).toBe(true);
  expect(await listed()).toEqual(before);
  expect(errors).toEqual([]);
});
