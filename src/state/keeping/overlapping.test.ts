/** Storing, putting back and restarting compute while one of them is under way, on the fake engine. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { TrioSource } from '../../../protocol/session.ts';
import { keptPage as page, type KeptPage } from '../../../test/kept-page.ts';
import { memoryShelves } from '../../../test/memory-shelf.ts';
import { all, at } from '../../../test/opened-store.ts';

// The demo is found beside the page.
beforeAll(() => vi.stubGlobal('document', { baseURI: 'https://studio.test/' }));
afterAll(() => vi.unstubAllGlobals());
afterEach(() => vi.doUnmock('./kept-session.ts'));

const other: TrioSource = { kind: 'manifest', url: 'https://studio.test/other/manifest.json' };
const died = { code: 'device', message: 'It died.', retryable: true, details: {} } as const;

/** Has the engine say by what its VLM is known again only once it is told to. */
function slowSample({ engine }: KeptPage): (sample: string) => void {
  let answer: (sample: string) => void = () => undefined;
  const sample = new Promise<string>((resolve) => (answer = resolve));
  engine.vlmSample = () => sample;
  return (known) => answer(known);
}

test('nothing is stored between a restart of compute and the end of putting back, nor after a misfit', async () => {
  const shelves = memoryShelves();
  const made = await page(shelves);
  const { now, save } = made;
  now().editGates('Close', at(3), all(1, 0), true);
  now().takeSnapshot('Mine');
  await save();
  const id = now().keeping.id ?? '';
  const stored = structuredClone(shelves.sessions.get(id));
  const before = now().session;

  const answer = slowSample(made);
  now().engineLost(died);
  const restarted = now().reconnect();
  await expect.poll(() => now().session !== before && now().load.status === 'ready').toBe(true);
  expect(now().snapshots).toEqual([]);
  await save();
  expect(shelves.sessions.get(id)).toEqual(stored);
  answer('another VLM');
  await restarted;
  expect(now().keeping).toMatchObject({ status: 'kept', id: null, waiting: { id } });
  now().editGates('Open', at(5), all(1, 1), true);
  await save();
  expect(shelves.sessions.get(id)).toEqual(stored);
});

test('a session that comes back slowly leaves no second one of the models as they opened', async () => {
  const shelves = memoryShelves();
  const made = await page(shelves);
  const { now, save } = made;
  await now().open(other);
  now().editGates('Close', at(3), all(1, 0), true);
  await save();
  const older = now().keeping.id ?? '';
  await now().open({ ...other, url: '/third' });
  await save();
  const stored = structuredClone([...shelves.sessions]);
  const answer = slowSample(made);
  const opening = now().openRecent(older);
  await expect.poll(() => now().keeping.status).toBe('restoring');
  await save();
  expect([...shelves.sessions]).toEqual(stored);
  answer('the VLM');
  await opening;
  await save();
  expect(now().keeping).toMatchObject({ status: 'kept', id: older, waiting: null });
  expect(now().gates.values[3]).toBe(0);
  expect(shelves.sessions.size).toBe(2);
});

test('a session that is left while it comes back stays as it was stored', async () => {
  const shelves = memoryShelves();
  const made = await page(shelves);
  const { now, save } = made;
  now().editGates('Close', at(3), all(1, 0), true);
  await save();
  const id = now().keeping.id ?? '';
  const stored = structuredClone(shelves.sessions.get(id));
  const answer = slowSample(made);
  now().engineLost(died);
  const restarted = now().reconnect();
  await expect.poll(() => now().keeping.status).toBe('restoring');
  now().leaveWaiting();
  answer('the VLM');
  await restarted;
  expect(now().keeping).toMatchObject({ status: 'kept', id: null, waiting: null });
  now().editGates('Open', at(5), all(1, 1), true);
  await save();
  expect(shelves.sessions.get(id)).toEqual(stored);
  expect(shelves.sessions.size).toBe(2);
});

test('compute starts again where the code that puts back is out of reach, and the session waits for it', async () => {
  const { now } = await page(memoryShelves());
  now().editGates('Close', at(3), all(1, 0), true);
  vi.resetModules();
  vi.doMock('./kept-session.ts', () => {
    throw new Error('Failed to fetch dynamically imported module.');
  });
  await now().deviceFailed(died);
  expect(now().connection.status).toBe('ready');
  expect(now().keeping.waiting?.why).toMatch(/could not be put back/);
  const said = now().toasts.at(-1)?.text;
  expect(said).toMatch(/Compute was started again by itself/);
  expect(said).not.toMatch(/with their gates/);
  vi.doUnmock('./kept-session.ts');
  vi.resetModules();
  await now().reopenWaiting();
  expect(now().keeping.waiting).toBeNull();
  expect(now().gates.values[3]).toBe(0);
});
