/** Archives in the browser's private file system, in Chromium; in Node there is none. */
import { expect, inject, it } from 'vitest';
import { archiveOutput, removeAbandonedArchives } from './archive-output.ts';

const archivesThere = async (): Promise<string[]> => {
  const all = await (await navigator.storage.getDirectory()).getDirectoryHandle('exports', { create: true });
  const names: string[] = [];
  for await (const name of all.keys()) names.push(name);
  return names;
};

const inNode = () =>
  it('where there is no private file system, there is nothing to remove, and that is no error', async () => {
    expect(globalThis.navigator?.storage).toBeUndefined();
    await expect(removeAbandonedArchives()).resolves.toBeUndefined();
  });

const inBrowser = () =>
  it('removes the archive of a tab that is gone, and leaves one that is being written alone', async () => {
    const all = await (
      await navigator.storage.getDirectory()
    ).getDirectoryHandle('exports', { create: true });
    for (const name of await archivesThere()) await all.removeEntry(name, { recursive: true });
    const gone = await all.getDirectoryHandle('a-tab-that-is-gone', { create: true });
    await gone.getFileHandle('half.zip', { create: true });
    const output = await archiveOutput('merged');
    const file = await output.create('config.json');
    await removeAbandonedArchives();
    await expect.poll(archivesThere).not.toContain('a-tab-that-is-gone');
    expect(await archivesThere()).toHaveLength(1);
    await file.write(new TextEncoder().encode('{}') as Uint8Array<ArrayBuffer>);
    await file.close();
    await output.commit();
    expect((await output.archive()).size).toBeGreaterThan(20);
  });

if (inject('device') === 'wasm') inNode();
else inBrowser();
