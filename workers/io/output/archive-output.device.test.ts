/** Archives in the browser's private file system, in Chromium; in Node there is none. */
import { expect, inject, it } from 'vitest';
import { archiveLock, engineName, tabOf } from '../../../protocol/tab.ts';
import { archiveOutput, removeAbandonedArchives } from './archive-output.ts';

const archivesThere = async (): Promise<string[]> => {
  const all = await (await navigator.storage.getDirectory()).getDirectoryHandle('exports', { create: true });
  const names: string[] = [];
  for await (const name of all.keys()) names.push(name);
  return names;
};

const inNode = () => {
  it('a worker is told from others by its name', () => {
    const tab = crypto.randomUUID();
    expect(tabOf(engineName(tab))).toBe(tab);
    for (const name of ['', 'svd', 'engine', 'engine ../../etc', undefined, 7])
      expect(tabOf(name)).toBeNull();
  });

  it('where there is no private file system, there is nothing to remove, and that is no error', async () => {
    expect(globalThis.navigator?.storage).toBeUndefined();
    await expect(removeAbandonedArchives()).resolves.toBeUndefined();
  });
};

const inBrowser = () => {
  it('leaves the archive of a worker alone as long as its tab is there, whatever became of the worker', async () => {
    const tab = crypto.randomUUID();
    let end: () => void = () => undefined;
    // As the page holds it.
    await new Promise<void>((begun) => {
      void navigator.locks.request(archiveLock(tab), () => {
        begun();
        return new Promise<void>((resolve) => (end = resolve));
      });
    });
    // As a worker of this tab is called.
    const called = globalThis as unknown as { name: string };
    const before = called.name;
    called.name = engineName(tab);
    const all = await (
      await navigator.storage.getDirectory()
    ).getDirectoryHandle('exports', { create: true });
    const left = await all.getDirectoryHandle(tab, { create: true });
    await left.getFileHandle('half.zip', { create: true });
    expect(await archivesThere()).toContain(tab);
    // What a worker of the tab left half written is nobody's when the next one starts.
    await removeAbandonedArchives();
    expect(await archivesThere()).not.toContain(tab);
    const output = await archiveOutput('merged');
    await output.commit();
    expect(await archivesThere()).toContain(tab);
    await all.getDirectoryHandle('nobody', { create: true });
    await removeAbandonedArchives();
    called.name = before;
    await expect.poll(archivesThere).not.toContain('nobody');
    expect(await archivesThere()).toContain(tab);
    // Nobody else holds it, the worker least of all.
    end();
    await expect.poll(archivesThere).not.toContain(tab);
  });

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
};

if (inject('device') === 'wasm') inNode();
else inBrowser();
