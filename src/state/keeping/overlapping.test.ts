/** Storing, putting back and restarting compute while one of them is under way, on the fake engine. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { TrioSource } from '../../../protocol/session.ts';
import { keptPage as page, type KeptPage } from '../../../test/kept-page.ts';
import { memoryShelves } from '../../../test/memory-shelf.ts';
import { all, at } from '../../../test/opened-store.ts';
import { createFigureKeeping } from '../kept-figures.ts';

// The demo is found beside the page.
beforeAll(() => vi.stubGlobal('document', { baseURI: 'https://studio.test/' }));
afterAll(() => vi.unstubAllGlobals());
afterEach(() => vi.doUnmock('./kept-session.ts'));

const other: TrioSource = { kind: 'manifest', url: 'https://studio.test/other/manifest.json' };
const died = { code: 'device', message: 'It died.', retryable: true, details: {} } as const;

/**
 * Has the engine say by what its VLM is known again only once it is told to. `asked` comes in any case while a session
 * is put back: what is expected of that moment fails where it is not so, and hangs in no case.
 */
function slowSample({ engine }: KeptPage) {
  let [answer, ask]: ((sample: string) => void)[] = [];
  const sample = new Promise<string>((resolve) => (answer = resolve));
  const asked = new Promise<string>((resolve) => (ask = resolve));
  engine.vlmSample = () => {
    ask?.('');
    return sample;
  };
  return { asked, answer: (known: string) => answer?.(known) };
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

  const { asked, answer } = slowSample(made);
  now().engineLost(died);
  const restarted = now().reconnect();
  await asked;
  expect(now().session).not.toBe(before);
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
  const { asked, answer } = slowSample(made);
  const opening = now().openRecent(older);
  await asked;
  expect(now().keeping.status).toBe('restoring');
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
  const { asked, answer } = slowSample(made);
  now().engineLost(died);
  const restarted = now().reconnect();
  await asked;
  expect(now().keeping.status).toBe('restoring');
  now().leaveWaiting();
  answer('the VLM');
  await restarted;
  expect(now().keeping).toMatchObject({ status: 'kept', id: null, waiting: null });
  now().editGates('Open', at(5), all(1, 1), true);
  await save();
  expect(shelves.sessions.get(id)).toEqual(stored);
  expect(shelves.sessions.size).toBe(2);
});

describe('while the parts of a session are put back', () => {
  /** A session with images of its own to calibrate on; reading them is held up when it comes back. */
  async function comingBack() {
    const shelves = memoryShelves();
    const made = await page(shelves);
    const { now, save, engine } = made;
    await now().setBudget(16);
    const images = [{ name: 'mine.png', file: new Blob(['x']) }];
    await now().calibrate({
      images,
      questions: ['What?'],
      traces: [],
      maxAnswerTokens: 8,
      wholeImages: false,
    });
    now().editGates('Close', at(3, 4), all(2, 0), true);
    now().takeSnapshot('Mine');
    await save();
    const id = now().keeping.id ?? '';
    const stored = structuredClone(shelves.sessions.get(id));
    await now().open(other);
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const { setCalibration } = engine;
    const reached = new Promise<void>((resolve) => {
      engine.setCalibration = async (...given) => {
        resolve();
        await held;
        return setCalibration.apply(engine, given);
      };
    });
    const opening = now().openRecent(id);
    await Promise.race([reached, opening]);
    expect(now().calibration.status).toBe('reading');
    return { ...made, shelves, id, stored, goOn, opening };
  }

  test('other models that are opened have nothing of it, and it waits', async () => {
    const { now, save, shelves, id, stored, goOn, opening } = await comingBack();
    await now().open({ ...other, selection: { layers: [0], kinds: null } });
    const { session, gates, options } = now();
    expect(session?.slots).toHaveLength(7);
    goOn();
    await opening;
    expect(now()).toMatchObject({ session, gates, options, undoStack: [], snapshots: [] });
    expect(now().keeping).toMatchObject({ id: null, waiting: { id } });
    expect(now().keeping.waiting?.why).toMatch(/7 layers .* session is of 28/);
    now().editGates('Open', at(1), all(1, 1), true);
    await save();
    expect(shelves.sessions.get(id)).toEqual(stored);
  });

  test('the same models that are opened once more have all of it, once', async () => {
    const { now, save, id, goOn, opening } = await comingBack();
    const { session } = now();
    const again = now().open(other);
    await expect.poll(() => now().session !== session).toBe(true);
    goOn();
    await Promise.all([opening, again]);
    expect(now().keeping).toMatchObject({ id, waiting: null, status: 'kept' });
    expect(now().session?.layout.budget).toBe(16);
    expect(now().snapshots.map(({ label }) => label)).toEqual(['Mine']);
    expect(now().undoStack).toHaveLength(1);
    expect(now().log.filter(({ text }) => text.includes('is put back as it was'))).toHaveLength(1);
    await save();
  });

  test('one that is left has no more put on the page, and stays as it was stored', async () => {
    const { now, save, shelves, id, stored, goOn, opening } = await comingBack();
    now().leaveWaiting();
    goOn();
    await opening;
    expect(now()).toMatchObject({ snapshots: [], undoStack: [] });
    expect(now().keeping).toMatchObject({ id: null, waiting: null });
    now().editGates('Open', at(1), all(1, 1), true);
    await save();
    expect(shelves.sessions.get(id)).toEqual(stored);
  });
});

test('an engine that is slow to say by what its VLM is known again is asked once, and again for others', async () => {
  const { engine, store, now } = await page(memoryShelves());
  const answers: { resolve(sample: string): void; reject(error: Error): void }[] = [];
  engine.vlmSample = () => new Promise((resolve, reject) => answers.push({ resolve, reject }));
  const { know } = createFigureKeeping({ engine, set: store.setState, get: now });
  const first = [know(), know()];
  expect(answers).toHaveLength(1);
  const opening = now().open(other);
  await opening;
  const second = [know(), know()];
  expect(answers).toHaveLength(2);
  // Of the models before; nobody asks for it any more.
  answers[0]?.resolve('the VLM before');
  await Promise.all(first);
  expect(now().vlmSample).toBeNull();
  void know();
  expect(answers).toHaveLength(2);
  answers[1]?.reject(new Error('It cannot be read now.'));
  await Promise.all(second);
  const third = know();
  answers[2]?.resolve('the VLM');
  await third;
  expect(now().vlmSample).toBe('the VLM');
  await know();
  expect(answers).toHaveLength(3);
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
