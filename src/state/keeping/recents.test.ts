/** Sessions that are not on the page, on the fake engine and a shelf in memory. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { keptPage as page, type KeptPage } from '../../../test/kept-page.ts';
import { memoryShelves, type Shelves } from '../../../test/memory-shelf.ts';
import { all, at } from '../../../test/opened-store.ts';
import { StudioError } from '../../../core/errors.ts';
import { sessionVersion } from '../../../core/sessions/versions.ts';
import type { TrioSource } from '../../../protocol/session.ts';
import { asideLabel } from './shelf-entry.ts';

// The demo is found beside the page.
beforeAll(() => vi.stubGlobal('document', { baseURI: 'https://studio.test/' }));
afterAll(() => vi.unstubAllGlobals());

const other: TrioSource = { kind: 'manifest', url: 'https://studio.test/other/manifest.json' };

/** Two sessions: one of the demo with gate 3 closed, and, on the page, one of other models with gate 9 closed. */
async function two(shelves: Shelves): Promise<KeptPage & { readonly older: string; readonly newer: string }> {
  const made = await page(shelves);
  made.now().editGates('Close', at(3), all(1, 0), true);
  await made.save();
  const older = made.now().keeping.id ?? '';
  await made.now().open(other);
  made.now().editGates('Close', at(9), all(1, 0), true);
  await made.save();
  await made.now().listRecents();
  return { ...made, older, newer: made.now().keeping.id ?? '' };
}

const said = ({ now }: KeptPage): string =>
  now()
    .toasts.map(({ text }) => text)
    .join(' ');

const damage = (shelves: Shelves, id: string): void => {
  const session = shelves.sessions.get(id);
  if (session) shelves.sessions.set(id, { ...session, parts: { gates: {} } });
};

describe('recent sessions', () => {
  test('are none on a first visit', async () => {
    const { now } = await page(memoryShelves());
    expect(now().recents).toEqual([]);
  });

  test('are listed with a picture and opened in the place of the one on the page, which stays stored', async () => {
    const shelves = memoryShelves();
    const { now, older, newer, save } = await two(shelves);
    expect(now().recents?.map(({ id }) => id)).toEqual([newer, older]);
    const [{ thumbnail } = {}] = now().recents ?? [];
    expect(thumbnail?.sizes).toHaveLength(28);
    expect(Math.max(...(thumbnail?.sizes ?? []))).toBe(1);
    expect(thumbnail?.gates.every((share) => share > 0 && share < 1)).toBe(true);
    const stored = shelves.sessions.get(newer);

    await now().openRecent(older);
    expect(now().keeping).toMatchObject({ id: older, waiting: null });
    expect([now().gates.values[3], now().gates.values[9]]).toEqual([0, 0.5]);
    now().editGates('Open', at(4), all(1, 1), true);
    await save();
    expect(shelves.sessions.get(newer)).toEqual(stored);
    await now().openRecent(newer);
    expect([now().gates.values[3], now().gates.values[9]]).toEqual([0.5, 0]);
    // What this tab has had last is what it has after a reload.
    expect((await page(shelves)).now().keeping.id).toBe(newer);
  });

  test('whose models cannot be opened wait, and the one on the page goes on under its own name', async () => {
    const shelves = memoryShelves();
    const { now, engine, older, newer, save } = await two(shelves);
    engine.open = () => Promise.reject(new StudioError('missing', 'They are gone.'));
    await now().openRecent(older);
    expect(now().keeping).toMatchObject({ id: newer, waiting: { id: older } });
    now().editGates('Open', at(4), all(1, 1), true);
    await save();
    expect(shelves.sessions.size).toBe(2);
  });

  test('are renamed, on the page or not, and an empty name is none', async () => {
    const shelves = memoryShelves();
    const { now, older, newer } = await two(shelves);
    await now().renameRecent(older, '  The\nfirst ');
    await now().renameRecent(newer, 'The second');
    await now().renameRecent(newer, ' \u202e ');
    expect(now().recents?.map(({ name }) => name)).toEqual(['The second', 'The first']);
    expect(now().keeping.name).toBe('The second');
    const again = await page(shelves);
    expect(again.now().recents?.map(({ name }) => name)).toEqual(['The second', 'The first']);
    await again.now().openRecent(older);
    expect(again.now().keeping.name).toBe('The first');
  });

  test('are deleted and had back with all that was in them, but not while one is on the page', async () => {
    const shelves = memoryShelves();
    const made = await two(shelves);
    const { now, older, newer } = made;
    const [stored, values] = [shelves.sessions.get(older), shelves.values.get(older)];
    await now().deleteRecent(newer);
    expect(said(made)).toMatch(/is on the page/);
    await now().deleteRecent(older);
    expect([...shelves.sessions.keys()]).toEqual([newer]);
    expect(now().toasts.at(-1)?.way).toBe('bringBackRecent');
    await now().bringBackRecent();
    expect(shelves.sessions.get(older)).toEqual(stored);
    expect(shelves.values.get(older)).toEqual(values);
    expect(now().recents?.map(({ id }) => id)).toEqual([newer, older]);
    expect(now().deletedRecent).toBeNull();
  });

  test('that another tab has are neither opened, renamed nor deleted', async () => {
    const shelves = memoryShelves();
    const { older, newer } = await two(shelves);
    const second = await page(shelves, 'two');
    await second.now().openRecent(newer);
    await second.now().renameRecent(newer, 'Theirs');
    await second.now().deleteRecent(newer);
    expect(said(second)).toMatch(/is open in another tab. Close it there first/);
    expect(shelves.sessions.get(newer)?.name).toBe('Fake trio');
    await second.now().openRecent(older);
    expect(second.now().keeping.id).toBe(older);
  });
});

describe('a damaged session', () => {
  test('is said once, set aside and listed, not read again, and can be deleted', async () => {
    const shelves = memoryShelves();
    const { older, newer } = await two(shelves);
    damage(shelves, newer);
    const first = await page(shelves);
    expect(said(first)).toMatch(/“Fake trio” is set aside: The session cannot be read: gates/);
    expect(first.now().recents?.map(({ aside }) => aside !== undefined)).toEqual([true, false]);
    const second = await page(shelves);
    expect(second.now().keeping.id).toBe(older);
    expect(said(second)).toBe('');
    await second.now().deleteRecent(newer);
    await second.now().bringBackRecent();
    expect(second.now().recents?.find(({ id }) => id === newer)?.aside?.why).toMatch(/cannot be read/);
    await second.now().deleteRecent(newer);
    expect([...shelves.sessions.keys()]).toEqual([older]);
  });

  test('that is asked for says what is wrong, and leaves the page as it is', async () => {
    const shelves = memoryShelves();
    const made = await two(shelves);
    damage(shelves, made.older);
    await made.now().openRecent(made.older);
    expect(said(made)).toMatch(/is set aside/);
    expect(made.now().keeping).toMatchObject({ id: made.newer, waiting: null });
    expect(made.now().gates.values[9]).toBe(0);
  });

  test('is none that the browser does not give out just now: it is had again by the next visit', async () => {
    const shelves = memoryShelves();
    const { newer } = await two(shelves);
    const refuse = new DOMException('The database connection is closing.', 'InvalidStateError');
    const refusing: Shelves = {
      ...shelves,
      tab: (name) => ({ ...shelves.tab(name), read: () => Promise.reject(refuse) }),
    };
    const first = await page(refusing);
    expect(said(first)).toMatch(/could not be read from the browser: The database connection is closing/);
    expect(first.now().recents?.map(({ aside }) => aside)).toEqual([undefined, undefined]);
    await first.now().openRecent(newer);
    expect(shelves.aside.size).toBe(0);
    const second = await page(shelves);
    expect(second.now().keeping).toMatchObject({ id: newer, waiting: null });
  });

  test('is none that a newer studio stored, which is called so', async () => {
    const shelves = memoryShelves();
    const { newer } = await two(shelves);
    const session = shelves.sessions.get(newer);
    if (session) shelves.sessions.set(newer, { ...session, version: sessionVersion + 1 });
    const { now } = await page(shelves);
    const [aside] = (now().recents ?? []).flatMap((entry) => entry.aside ?? []);
    expect(aside && asideLabel(aside)).toBe('from another version of the studio');
    expect(asideLabel({ why: '', version: 1 })).toBe('damaged');
  });

  test('a list that somebody changed shows what is left of it', async () => {
    const { readEntry } = await import('./shelf-entry.ts');
    expect(
      readEntry({ id: 'a', name: '\u202eevil\n', savedAt: NaN, thumbnail: { sizes: [2], gates: [0] } }),
    ).toEqual({
      id: 'a',
      name: 'evil',
      savedAt: 0,
    });
    expect([readEntry(null), readEntry({ id: 5 }), readEntry({ name: 'x' })]).toEqual([null, null, null]);
    expect(
      readEntry({ id: 'a', name: 'x', savedAt: 1, aside: { why: 5, version: 1 } })?.aside,
    ).toBeUndefined();
  });
});

describe('a session of a file that waits', () => {
  test('is there after a reload, and its models are opened by a click alone', async () => {
    const from = await page(memoryShelves());
    await from.now().open(other);
    from.now().editGates('Close', at(3), all(1, 0), true);
    await from.now().saveSession();
    const [, content] = from.downloads[0] ?? [];
    const shelves = memoryShelves();
    const first = await page(shelves);
    first.now().editGates('Close', at(7), all(1, 0), true);
    await first.save();
    const mine = first.now().keeping.id;
    // Other layers, so that it does not fit what is open.
    await first.now().open({ ...other, url: '/fewer', selection: { layers: [0], kinds: null } });
    await first.now().openSession(new File([content as Blob], 'theirs.frism'));
    expect(first.now().keeping.waiting).toMatchObject({ foreign: true, name: 'Fake trio' });
    const id = first.now().keeping.waiting?.id;
    expect(id).toBeTypeOf('string');

    const { now } = await page(shelves);
    expect(now().session).toBeNull();
    expect(now().keeping.waiting).toMatchObject({ id, foreign: true, source: other });
    await now().reopenWaiting();
    expect(now().keeping).toMatchObject({ id, waiting: null });
    expect(now().gates.values[3]).toBe(0);
    await now().storeNow();
    expect(shelves.sessions.get(id ?? '')?.foreign).toBeUndefined();
    expect(now().recents?.map((entry) => entry.id)).toContain(mine);
  });
});

test('a stored session says how many bytes it takes', async () => {
  const shelves = memoryShelves();
  const { now, save } = await page(shelves);
  now().editGates('Close', at(3), all(1, 0), true);
  await save();
  const [stored] = [...shelves.sessions.values()];
  const values = [...(shelves.values.get(stored?.id ?? '')?.values() ?? [])] as Float32Array[];
  const bytes = values.reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(stored?.sizeBytes).toBe(bytes + JSON.stringify(stored?.parts).length);
});
