/** Folders of a session on a later visit: with the leave of a person, without it, and where they are gone. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { fakeDirectory, type FakeDirectory } from '../../../test/fake-directory.ts';
import { keptPage as page } from '../../../test/kept-page.ts';
import { memoryShelves, type Shelves } from '../../../test/memory-shelf.ts';
import { all, at } from '../../../test/opened-store.ts';
import type { FolderSource, TrioSource } from '../../../protocol/session.ts';
import { actions } from '../actions/actions.ts';
import { readFolder } from '../folder-handles.ts';
import { originOf, withOrigin } from '../folder-origins.ts';

// The demo is found beside the page.
beforeAll(() => vi.stubGlobal('document', { baseURI: 'https://studio.test/' }));
afterAll(() => vi.unstubAllGlobals());

const files = ['base/config.json', 'base/model.safetensors', 'vlm/config.json', 'lrm/deep/config.json'];

/** Three models in one folder. */
async function trioIn({ handle }: FakeDirectory): Promise<TrioSource> {
  const read = (inside: string): Promise<FolderSource> => readFolder({ handle, inside }, inside);
  return {
    kind: 'folders',
    base: await read('base'),
    vlm: await read('vlm'),
    lrm: await read('lrm/deep'),
  };
}

/** A session of these models with a gate closed by hand, stored. */
async function storedSession(shelves: Shelves, source: TrioSource): Promise<string> {
  const { now, save } = await page(shelves);
  await now().open(source);
  now().editGates('Close', at(3), all(1, 0), true);
  await save();
  return now().keeping.id ?? '';
}

async function storedTrio() {
  const shelves = memoryShelves();
  const folder = fakeDirectory('models', files);
  const id = await storedSession(shelves, await trioIn(folder));
  return { shelves, folder, id };
}

describe('on a later visit', () => {
  test('folders that may still be read open by themselves, and nobody is asked', async () => {
    const { shelves, folder, id } = await storedTrio();
    const { now } = await page(shelves);
    expect(now().keeping).toMatchObject({ id, waiting: null });
    expect(now().gates.values[3]).toBe(0);
    expect(folder.asked).toBe(0);
    const { source } = now();
    const lrm = source?.kind === 'parts' && !('kind' in source.lrm) ? source.lrm : null;
    expect(lrm?.files.map(({ path }) => path)).toEqual(['config.json']);
    expect(lrm && originOf(lrm)).toEqual({ handle: folder.handle, inside: 'lrm/deep' });
  });

  test('where a person must allow it, one click asks about one folder once and opens all three models', async () => {
    const { shelves, folder, id } = await storedTrio();
    folder.permission = 'prompt';
    const { now, save } = await page(shelves);
    expect(now().session).toBeNull();
    expect(folder.asked).toBe(0);
    expect(now().keeping.waiting).toMatchObject({
      source: null,
      toAllow: ['base', 'vlm', 'lrm/deep'],
      why: 'The browser asks you before this page reads “base”, “vlm”, “lrm/deep” again.',
    });
    expect(actions.reopenWaiting.obstacle(now())).toBeNull();
    expect(actions.reopenWaiting.labelNow?.(now())).toBe('Allow the folders');
    await now().reopenWaiting();
    expect(folder.asked).toBe(1);
    expect(now().keeping).toMatchObject({ id, waiting: null });
    expect(now().gates.values[3]).toBe(0);
    await save();
    expect((await page(shelves)).now().keeping.id).toBe(id);
  });

  test.each([
    ['who closes the question', 'prompt'],
    ['whom the browser does not ask', new DOMException('A click is needed.', 'SecurityError')],
  ] as const)('a person %s can be asked again, and nothing is lost', async (_, answer) => {
    const { shelves, folder, id } = await storedTrio();
    Object.assign(folder, { permission: 'prompt', answer });
    const { now } = await page(shelves);
    await now().reopenWaiting();
    expect(now().session).toBeNull();
    expect(now().keeping.waiting?.toAllow).toHaveLength(3);
    folder.answer = 'granted';
    await now().reopenWaiting();
    expect(now().keeping).toMatchObject({ id, waiting: null });
  });

  test('opening it among the recent sessions is a click that asks', async () => {
    const { shelves, folder, id } = await storedTrio();
    folder.permission = 'prompt';
    const { now } = await page(shelves);
    now().leaveWaiting();
    await now().openRecent(id);
    expect(folder.asked).toBe(1);
    expect(now().keeping).toMatchObject({ id, waiting: null });
  });

  test('a folder of a manifest comes back in the same way', async () => {
    const shelves = memoryShelves();
    const folder = fakeDirectory('demo', ['manifest.json', 'base/config.json']);
    const trio = await readFolder({ handle: folder.handle, inside: '' }, 'demo');
    const id = await storedSession(shelves, { kind: 'manifest-folder', folder: trio });
    expect((await page(shelves)).now().keeping).toMatchObject({ id, waiting: null });
  });
});

describe('a session waits, and is put back onto the same models', () => {
  test('where a folder was moved or deleted, which is said', async () => {
    const { shelves, folder, id } = await storedTrio();
    folder.gone = true;
    const { now } = await page(shelves);
    expect(now().keeping.waiting).toMatchObject({
      source: null,
      toAllow: [],
      why: 'The folder “base” is no longer where it was. Choose the same models again, and everything else is put back.',
    });
    expect(actions.reopenWaiting.obstacle(now())).toMatch(/Choose them again/);
    await now().open(await trioIn(fakeDirectory('elsewhere', files)));
    expect(now().keeping).toMatchObject({ id, waiting: null });
  });

  test('where the folder is there and the model in it is not, or where it is empty', async () => {
    for (const left of [
      ['base/config.json', 'vlm/config.json'],
      ['base/config.json', 'vlm/config.json', 'lrm/x/y'],
    ]) {
      const { shelves, id } = await storedTrio();
      const other = fakeDirectory('models', left);
      const stored = shelves.folders.get(id) as Record<string, { handle: unknown; inside: string }>;
      for (const role of ['base', 'vlm', 'lrm'])
        stored[role] = { handle: other.handle, inside: stored[role]?.inside ?? '' };
      expect((await page(shelves)).now().keeping.waiting?.why).toMatch(
        /“lrm\/deep” is no longer where it was/,
      );
    }
    const empty = fakeDirectory('nothing', []);
    await expect(readFolder({ handle: empty.handle, inside: '' }, 'nothing')).rejects.toThrow(/is empty/);
  });

  test('where the browser is set against it', async () => {
    const { shelves, folder } = await storedTrio();
    folder.permission = 'denied';
    const { now } = await page(shelves);
    expect(now().keeping.waiting).toMatchObject({
      toAllow: [],
      why: expect.stringMatching(
        /is set not to let this page read “base”.*Allow it in the browser’s settings/,
      ),
    });
    expect(folder.asked).toBe(0);
  });

  test('where other weights are in the folder, and nothing of it is overwritten', async () => {
    const { shelves, id } = await storedTrio();
    const stored = structuredClone(shelves.sessions.get(id));
    const { now, save } = await page(shelves, 'tab', { vlm: 'another' });
    expect(now().keeping).toMatchObject({ id: null, waiting: { id } });
    expect(now().keeping.waiting?.why).toMatch(/VLM has other weights/);
    now().editGates('Open', at(5), all(1, 1), true);
    await save();
    expect(shelves.sessions.get(id)).toEqual(stored);
  });

  test('where one of three folders came without a handle, or the browser stores none', async () => {
    const shelves = memoryShelves();
    const folder = fakeDirectory('models', files);
    const trio = await trioIn(folder);
    const bare = { ...(trio.kind === 'folders' ? trio.vlm : { label: '', files: [] }) };
    await storedSession(shelves, { ...trio, vlm: bare } as TrioSource);
    const { now } = await page(shelves);
    const why =
      /^The browser cannot read “base”, “vlm”, “lrm\/deep” by itself\. Choose the same models again/;
    expect(now().keeping.waiting).toMatchObject({ toAllow: [], why: expect.stringMatching(why) });

    const deaf = memoryShelves();
    deaf.handles = false;
    const id = await storedSession(deaf, trio);
    expect(deaf.sessions.has(id)).toBe(true);
    const second = await page(deaf);
    expect(second.now().keeping.waiting?.why).toMatch(why);
    expect(second.now().toasts.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  test('where what lies in the browser is no folder', async () => {
    const { shelves, id } = await storedTrio();
    for (const changed of [{ base: { handle: 'C:\\', inside: '' } }, { other: {} }, 7]) {
      shelves.folders.set(id, changed as object);
      const { now } = await page(shelves);
      expect(now().keeping.waiting?.why).toMatch(/cannot read .* by itself/);
      shelves.end('tab');
    }
  });
});

describe('the handles of a session', () => {
  test('go when it is deleted and come back with it', async () => {
    const { shelves, id } = await storedTrio();
    const { now } = await page(shelves);
    await now().open({ kind: 'manifest', url: 'https://studio.test/other/manifest.json' });
    await now().deleteRecent(id);
    expect(shelves.folders.has(id)).toBe(false);
    await now().bringBackRecent();
    await now().openRecent(id);
    expect(now().keeping).toMatchObject({ id, waiting: null });
  });

  test('are those of the folders that were chosen last', async () => {
    const { shelves, folder, id } = await storedTrio();
    folder.gone = true;
    const moved = fakeDirectory('elsewhere', files);
    const { now, save } = await page(shelves);
    await now().open(await trioIn(moved));
    await save();
    expect((await page(shelves)).now().keeping).toMatchObject({ id, waiting: null });
    // Chosen once more in a way that gives no handle.
    const third = await page(shelves);
    const bare = ({ label, files: own }: FolderSource): FolderSource => ({ label, files: own });
    const trio = await trioIn(moved);
    if (trio.kind === 'folders')
      await third.now().open({ ...trio, base: bare(trio.base), vlm: bare(trio.vlm), lrm: bare(trio.lrm) });
    third.now().editGates('Open', at(5), all(1, 1), true);
    await third.save();
    expect(shelves.folders.has(third.now().keeping.id ?? '')).toBe(false);
  });

  test('are of models: a folder with far too many files, or far too deep, is refused', async () => {
    const many = fakeDirectory(
      'home',
      Array.from({ length: 20_002 }, (_, i) => `${i}.txt`),
    );
    await expect(readFolder({ handle: many.handle, inside: '' }, 'home')).rejects.toThrow(/more than 20000/);
    const deep = fakeDirectory('deep', [`${'a/'.repeat(30)}b`]);
    await expect(readFolder({ handle: deep.handle, inside: '' }, 'deep')).rejects.toThrow(/24 deep/);
    expect(originOf(withOrigin({ label: 'x', files: [] }, null))).toBeNull();
  });
});
