/** Sessions that outlive the page, on the fake engine and a shelf in memory that clones as a browser does. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { all, at } from '../../../test/opened-store.ts';
import { keptPage as page, type KeptPage } from '../../../test/kept-page.ts';
import { memoryShelves } from '../../../test/memory-shelf.ts';
import type { TrioSource } from '../../../protocol/session.ts';
import { unsavedWork } from '../unsaved-work.ts';
import { keptWork as keepAll } from '../../../test/kept-page.ts';

// The demo is found beside the page.
beforeAll(() => vi.stubGlobal('document', { baseURI: 'https://studio.test/' }));
afterAll(() => vi.unstubAllGlobals());

const other: TrioSource = { kind: 'manifest', url: 'https://studio.test/other/manifest.json' };

/** Something of everything that a person does. */
async function work({ now }: KeptPage): Promise<void> {
  await now().setBudget(16);
  now().setOptions({ lambda: 0.7, steps: 4 });
  now().editGates('Close', at(3, 4), all(2, 0), true);
  now().editGates('Open', at(7), all(1, 1), false);
  now().editGates('Half', at(9), all(1, 0.25), true);
  now().undo();
  now().takeSnapshot('Mine');
  now().takeSnapshot('Gone');
  now().editGates('Other', at(1), all(1, 0.75), true);
  now().takeSnapshot('Deleted');
  now().deleteSnapshot(now().snapshots.at(-1)?.id ?? '');
  await now().play();
  await now().evaluateCurrent();
  now().chooseMethod('ties');
  now().setMethodSetting('density', 0.3);
  now().setEvaluationItems(50);
  now().select({ slots: [2, 5], band: [0.1, 0.4] });
  now().setGateTool('band');
  now().acceptFinding('heads-differ', true);
  now().setTryIt({ question: 'What is this?' });
  await now().ask();
}

describe('a session comes back after a reload', () => {
  test('with everything that was kept, on the page and in the engine, and undo goes on where it was', async () => {
    const shelves = memoryShelves();
    const first = await page(shelves);
    await work(first);
    await first.save();
    const kept = keepAll(first.now());
    const gates = await first.engine.gates();

    const second = await page(shelves);
    expect(second.now().keeping).toMatchObject({ id: first.now().keeping.id, waiting: null });
    expect(keepAll(second.now())).toEqual(kept);
    expect(await second.engine.gates()).toEqual(gates);
    expect(second.now().run).toMatchObject({ number: 1, state: 'finished', step: 4 });
    expect(second.now().snapshots.map(({ label }) => label)).toContain('Mine');
    for (const { now } of [first, second]) {
      now().undo();
      now().undo();
    }
    expect(second.now().gates).toEqual(first.now().gates);
    // A new snapshot is none of those that came back.
    second.now().takeSnapshot('After');
    expect(new Set(second.now().snapshots.map(({ id }) => id)).size).toBe(second.now().snapshots.length);
    second.now().restoreDeleted();
    expect(second.now().snapshots.map(({ label }) => label)).toContain('Deleted');
  });

  test('an example of the trio is that example again, so that its right answer is known', async () => {
    const shelves = memoryShelves();
    const first = await page(shelves);
    first.now().editGates('Close', at(3), all(1, 0), true);
    await first.now().ask();
    await first.save();
    const { session, tryIt } = (await page(shelves)).now();
    const examples = session?.forward.available ? session.forward.examples : [];
    expect(tryIt.image).toBe(examples[0]?.image);
    expect(tryIt.asked?.image).toBe(tryIt.image);
  });

  test('the same field is the same object again, wherever it was kept', async () => {
    const shelves = memoryShelves();
    const first = await page(shelves);
    first.now().editGates('Close', at(3), all(1, 0), true);
    first.now().takeSnapshot('A');
    await first.now().evaluateCurrent();
    await first.save();
    const { snapshots, measurements } = (await page(shelves)).now();
    expect(measurements.find(({ kind }) => kind === 'current')?.gates).toBe(snapshots[0]?.gates);
  });

  test('a worker that died takes nothing along: the same is put back, with its history', async () => {
    const { now } = await page(memoryShelves());
    now().editGates('Close', at(3), all(1, 0), true);
    now().editGates('Open', at(5), all(1, 1), false);
    now().takeSnapshot('A');
    const kept = keepAll(now());
    now().engineLost({ code: 'device', message: 'It died.', retryable: true, details: {} });
    await now().reconnect();
    expect(keepAll(now())).toEqual(kept);
    expect(now().undoStack.map(({ label }) => label)).toEqual(['Close', 'Open']);
    expect(now().keeping.waiting).toBeNull();
  });
});

describe('what is stored', () => {
  test('is nothing before there is work: every first visit shows the demo as it is', async () => {
    const shelves = memoryShelves();
    const { now, save } = await page(shelves);
    await save();
    expect(now().session?.label).toBe('Fake trio');
    expect(shelves.sessions.size).toBe(0);
    expect(now().toasts).toEqual([]);
    now().select({ slots: [3] });
    await save();
    expect(shelves.sessions.size).toBe(0);
    await now().open(other);
    await save();
    expect(shelves.sessions.size).toBe(1);
  });

  test('is only what has changed: large values are written once, and those of no use are removed', async () => {
    const shelves = memoryShelves();
    const { now, save } = await page(shelves);
    now().editGates('Close', at(3), all(1, 0), true);
    await save();
    const before = shelves.written;
    await save();
    const savedAt = [...shelves.sessions.values()][0]?.savedAt;
    now().hover(3);
    await save();
    expect(shelves.written).toBe(before);
    expect([...shelves.sessions.values()][0]?.savedAt).toBe(savedAt);
    now().setOptions({ lambda: 0.4 });
    await save();
    expect(shelves.written).toBe(before);
    now().editGates('Open', at(5), all(1, 1), false);
    await save();
    // The gates, their locks, and an entry of the history: indices, and values and locks on both sides.
    expect(shelves.written - before).toBeLessThanOrEqual(8);
    const [values] = shelves.values.values();
    const stored = JSON.stringify([...shelves.sessions.values()][0]?.parts).match(/"~value":\d+/g) ?? [];
    expect(values?.size).toBe(new Set(stored).size);
  });

  test('goes on under the same numbers after a reload', async () => {
    const shelves = memoryShelves();
    const first = await page(shelves);
    await work(first);
    await first.save();
    const before = shelves.written;
    const second = await page(shelves);
    await second.save();
    // Only what the engine gave anew: the spectra, and the gates with their locks. Snapshots and history are not.
    expect(shelves.written - before).toBeLessThanOrEqual((second.now().session?.slots.length ?? 0) + 3);
    expect(keepAll((await page(shelves)).now())).toEqual(keepAll(first.now()));
  });

  test('has no token in it, and of folders the names alone', async () => {
    const shelves = memoryShelves();
    const { now, save } = await page(shelves);
    const hub = { kind: 'hub', repo: 'a/b', revision: 'main', token: 'hf_secret' } as const;
    const folder = { label: 'my-lrm', files: [{ path: 'config.json', file: new Blob(['{}']) }] };
    await now().open({ kind: 'parts', base: hub, vlm: hub, lrm: folder });
    await save();
    const [stored] = [...shelves.sessions.values()];
    const text = JSON.stringify(stored);
    expect(text).toContain('my-lrm');
    expect(text).not.toMatch(/hf_secret|config\.json/);
  });

  test('a save that fails is said once and tried again; until then leaving asks', async () => {
    const shelves = memoryShelves();
    const { now, save, pass } = await page(shelves);
    now().editGates('Close', at(3), all(1, 0), true);
    await save();
    expect(unsavedWork(now())).toBe(false);
    shelves.failure = new Error('The quota is used up.');
    now().editGates('Open', at(5), all(1, 1), false);
    await save();
    pass(20_000);
    now().editGates('Open', at(6), all(1, 1), false);
    await save();
    expect(now().toasts.map(({ text }) => text)).toEqual([
      expect.stringMatching(/could not be stored.*The quota is used up/),
    ]);
    expect(unsavedWork(now())).toBe(true);
    shelves.failure = null;
    pass(20_000);
    await save();
    expect(now().keeping.status).toBe('kept');
    expect(unsavedWork(now())).toBe(false);
    expect((await page(shelves)).now().gates.values[6]).toBe(1);
  });

  test('other models are a session of their own, and the one before stays', async () => {
    const shelves = memoryShelves();
    const { now, save } = await page(shelves);
    now().editGates('Close', at(3), all(1, 0), true);
    await save();
    await now().open(other);
    now().editGates('Close', at(9), all(1, 0), true);
    await save();
    expect(shelves.sessions.size).toBe(2);
    expect((await page(shelves)).now().gates.values[9]).toBe(0);
  });
});

describe('two tabs', () => {
  test('the second says that the session is held, and begins one of its own', async () => {
    const shelves = memoryShelves();
    const first = await page(shelves, 'one');
    first.now().editGates('Close', at(3), all(1, 0), true);
    await first.save();
    const second = await page(shelves, 'two');
    expect(second.now().toasts.at(-1)?.text).toMatch(/is open in another tab/);
    expect(second.now().undoStack).toEqual([]);
    second.now().editGates('Open', at(4), all(1, 1), true);
    await second.save();
    first.now().editGates('Close', at(5), all(1, 0), true);
    await first.save();
    shelves.end('one');
    shelves.end('two');
    expect((await page(shelves, 'one')).now().undoStack).toHaveLength(2);
    expect((await page(shelves, 'two')).now().undoStack).toHaveLength(1);
  });
});

describe('a session whose models are not there', () => {
  test('waits for folders, and is put back once the same ones are chosen', async () => {
    const shelves = memoryShelves();
    const first = await page(shelves);
    const folder = (label: string) => ({ label, files: [] });
    const source: TrioSource = {
      kind: 'folders',
      base: folder('base'),
      vlm: folder('vlm'),
      lrm: folder('lrm'),
    };
    await first.now().open(source);
    first.now().editGates('Close', at(3), all(1, 0), true);
    await first.save();

    const { now, save } = await page(shelves);
    expect(now().session).toBeNull();
    expect(now().keeping.waiting).toMatchObject({
      name: 'vlm',
      source: null,
      why: expect.stringMatching(/“base”, “vlm”, “lrm”/),
    });
    await save();
    await now().open(source);
    expect(now().keeping).toMatchObject({ waiting: null, id: first.now().keeping.id });
    expect(now().gates.values[3]).toBe(0);
  });

  test('is not put onto models with other layers, nor overwritten by what is done with them', async () => {
    const shelves = memoryShelves();
    const first = await page(shelves);
    const folder = (label: string) => ({ label, files: [] });
    const source: TrioSource = { kind: 'folders', base: folder('b'), vlm: folder('v'), lrm: folder('l') };
    await first.now().open(source);
    first.now().editGates('Close', at(3), all(1, 0), true);
    await first.save();
    const id = first.now().keeping.id ?? '';
    const stored = shelves.sessions.get(id);

    const { now, save } = await page(shelves);
    await now().open({ ...source, selection: { layers: [0], kinds: null } });
    expect(now().keeping.waiting?.why).toMatch(/7 layers .* session is of 28/);
    now().editGates('Open', at(1), all(1, 1), true);
    await save();
    expect(shelves.sessions.get(id)).toEqual(stored);
    expect(now().keeping.id).not.toBe(id);
    await now().open(source);
    expect(now().keeping).toMatchObject({ id, waiting: null });
  });

  test('can be left, and the demo opened instead', async () => {
    const shelves = memoryShelves();
    const first = await page(shelves);
    const folder = { label: 'x', files: [] };
    await first.now().open({ kind: 'folders', base: folder, vlm: folder, lrm: folder });
    await first.save();
    const { now } = await page(shelves);
    now().leaveWaiting();
    await now().open(other);
    expect(now().keeping.waiting).toBeNull();
    expect(shelves.sessions.size).toBe(1);
  });
});
