/** Sessions as files: what is in them, what comes back, and what strangers may put in. */
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { keptPage as page, type KeptPage } from '../../../test/kept-page.ts';
import { memoryShelves } from '../../../test/memory-shelf.ts';
import { all, at } from '../../../test/opened-store.ts';
import { keptWork as keepAll } from '../../../test/kept-page.ts';

// The demo is found beside the page.
beforeAll(() => vi.stubGlobal('document', { baseURI: 'https://studio.test/' }));
afterAll(() => vi.unstubAllGlobals());

async function work({ now }: KeptPage): Promise<void> {
  now().editGates('Close', at(3), all(1, 0), true);
  now().takeSnapshot('Mine');
  await now().evaluateCurrent();
  now().acceptFinding('heads-differ', true);
}

async function saved(of: KeptPage): Promise<File> {
  await of.now().saveSession();
  const [name, content] = of.downloads.at(-1) ?? ['', ''];
  return new File([content], name);
}

const filesIn = async (file: File) => unzipSync(new Uint8Array(await file.arrayBuffer()));
const zipped = (files: Record<string, Uint8Array>) =>
  new File([zipSync(files) as Uint8Array<ArrayBuffer>], 'odd.frism');

describe('a session file', () => {
  test('brings everything back that is not a person’s own to accept, into a session of its own', async () => {
    const first = await page(memoryShelves());
    await work(first);
    const file = await saved(first);
    expect(file.name).toBe('Fake-trio.frism');

    const shelves = memoryShelves();
    const second = await page(shelves);
    await second.now().openSession(file);
    const { accepted, ...kept } = keepAll(first.now());
    expect(accepted).toEqual({ accepted: ['heads-differ'] });
    expect(keepAll(second.now())).toEqual({ ...kept, accepted: { accepted: [] } });
    expect((await second.engine.gates()).locks[3]).toBe(1);
    await second.save();
    expect(shelves.sessions.size).toBe(1);
    expect((await page(shelves)).now().snapshots.map(({ label }) => label)).toEqual(['Mine']);
  });

  test('is a zip of plain JSON and raw numbers, without weights, tokens or images to calibrate on', async () => {
    const first = await page(memoryShelves());
    const hub = { kind: 'hub', repo: 'a/b', revision: 'main', token: 'hf_secret' } as const;
    await first.now().open({ kind: 'parts', base: hub, vlm: hub, lrm: hub });
    await work(first);
    const images = [{ name: 'mine.png', file: new Blob(['x']) }];
    await first
      .now()
      .calibrate({ images, questions: ['?'], traces: [], maxAnswerTokens: 8, wholeImages: false });
    const files = await filesIn(await saved(first));
    const session = JSON.parse(strFromU8(files['session.json'] ?? new Uint8Array())) as {
      parts: { gates: { gates: { values: { '~value': number } } } };
    };
    const number = session.parts.gates.gates.values['~value'];
    const raw = files[`values/${number}.bin`] ?? new Uint8Array();
    expect(new Float32Array(raw.slice().buffer)).toEqual(first.now().gates.values);
    expect(JSON.stringify(session)).not.toMatch(/hf_secret|mine\.png|heads-differ/);
    expect(first.now().log.at(-1)?.text).toMatch(/without your own calibration images/);
  });

  test('waits where its models are not open, and names them', async () => {
    const first = await page(memoryShelves());
    const hub = { kind: 'hub', repo: 'a/b', revision: 'main', endpoint: 'https://evil.test' } as const;
    await first
      .now()
      .open({ kind: 'parts', base: hub, vlm: hub, lrm: hub, selection: { layers: [1], kinds: null } });
    await work(first);
    const file = await saved(first);
    const second = await page(memoryShelves());
    const before = second.now().session;
    await second.now().openSession(file);
    expect(second.now().session).toBe(before);
    expect(second.now().undoStack).toEqual([]);
    expect(second.now().keeping.waiting?.why).toContain('a/b (main) at https://evil.test');
    await second.now().reopenWaiting();
    expect(second.now().keeping.waiting).toBeNull();
    expect(second.now().snapshots).toHaveLength(1);
  });

  test('is stored once however often it is opened, until something is done with it', async () => {
    const first = await page(memoryShelves());
    const hub = { kind: 'hub', repo: 'a/b', revision: 'main' } as const;
    const source = { kind: 'parts', base: hub, vlm: hub, lrm: hub } as const;
    await first.now().open({ ...source, selection: { layers: [1], kinds: null } });
    await work(first);
    const file = await saved(first);
    await work(first);
    const later = await saved(first);

    const shelves = memoryShelves();
    const { now, save } = await page(shelves);
    await now().openSession(file);
    const { id } = now().keeping.waiting ?? {};
    await now().renameRecent(id ?? '', 'Mine');
    await now().openSession(file);
    expect(now().keeping.waiting).toMatchObject({ id, name: 'Mine', foreign: true });
    now().leaveWaiting();
    await now().openSession(file);
    expect(now().keeping.waiting?.id).toBe(id);
    expect([...shelves.sessions.values()].map(({ name }) => name)).toEqual(['Mine']);
    expect([...shelves.values.values()].map(({ size }) => size)).toEqual([
      new Set(JSON.stringify([...shelves.sessions.values()]).match(/"~value":\d+/g)).size,
    ]);
    // Another file of the same session is another one.
    await now().openSession(later);
    expect(shelves.sessions.size).toBe(2);
    // With something done it is a person's own, and the file is another session.
    await now().openSession(file);
    await now().reopenWaiting();
    expect(now().keeping).toMatchObject({ id, waiting: null });
    now().editGates('Own', at(1), all(1, 0.5), true);
    await save();
    await now().open({ ...source, selection: { layers: [0], kinds: null } });
    await now().openSession(file);
    expect(now().keeping.waiting?.id).not.toBe(id);
    expect(shelves.sessions.get(id ?? '')?.file).toBeUndefined();

    // What another tab has is left alone.
    const tab = await page(shelves, 'second');
    await tab.now().openSession(file);
    expect(tab.now().keeping.waiting?.id).not.toBe(now().keeping.waiting?.id);
  });

  test('does not decide what the page fetches: an address elsewhere is not opened', async () => {
    const first = await page(memoryShelves());
    await first.now().open({
      kind: 'manifest',
      url: 'https://evil.test/manifest.json',
      selection: { layers: [1], kinds: null },
    });
    await work(first);
    const second = await page(memoryShelves());
    await second.now().openSession(await saved(first));
    expect(second.now().keeping.waiting).toMatchObject({ source: null });
  });

  test('never takes the place of work that is not stored', async () => {
    const first = await page(memoryShelves());
    await work(first);
    const file = await saved(first);
    const shelves = memoryShelves();
    const second = await page(shelves);
    shelves.failure = new Error('full');
    second.now().editGates('Mine', at(9), all(1, 1), true);
    await second.save();
    await second.now().openSession(file);
    expect(second.now().undoStack.map(({ label }) => label)).toEqual(['Mine']);
    expect(second.now().toasts.at(-1)?.text).toMatch(/was not opened/);
  });
});

describe('a file that somebody made to do harm', () => {
  const changed = async (
    change: (files: Record<string, Uint8Array>, session: Record<string, unknown>) => void,
  ) => {
    const first = await page(memoryShelves());
    await work(first);
    const files = await filesIn(await saved(first));
    const session = JSON.parse(strFromU8(files['session.json'] ?? new Uint8Array())) as Record<
      string,
      unknown
    >;
    change(files, session);
    return zipped({
      ...files,
      ...('gone' in session ? {} : { 'session.json': strToU8(JSON.stringify(session)) }),
    });
  };

  test.each<readonly [string, Parameters<typeof changed>[0], RegExp]>([
    ['is something else', (_, session) => (session['format'] = 'other'), /something else/],
    ['has a part that there is not', (_, session) => (session['more'] = 1), /part “more”/],
    ['is of a newer studio', (_, session) => (session['version'] = 9), /newer studio/],
    ['lacks a value', (files) => Reflect.deleteProperty(files, 'values/0.bin'), /lacks the value 0/],
    [
      'has a value of another size',
      (files) => (files['values/0.bin'] = new Uint8Array(5)),
      /lacks the value 0/,
    ],
    [
      'promises a value of a terabyte',
      (_, session) => (session['values'] = [{ type: 'Float64Array', length: 2 ** 37 }]),
      /impossible length|gigabyte/,
    ],
    [
      'has a value of a type that is none',
      (_, session) => (session['values'] = [{ type: 'constructor', length: 1 }]),
      /unknown type/,
    ],
    [
      'has accepted findings',
      (_, session) => ((session['parts'] as Record<string, unknown>)['accepted'] = { accepted: ['x'] }),
      /accepted/,
    ],
    [
      'has prompts without end',
      (files, session) => ((files['session.json'] = strToU8('['.repeat(1e6))), (session['gone'] = 1)),
      /cannot be read/,
    ],
  ])('%s', async (_name, change, said) => {
    const file = await changed(change);
    const { now, engine } = await page(memoryShelves());
    const before = await engine.gates();
    await now().openSession(file);
    expect(now().toasts.at(-1)).toMatchObject({ level: 'error', text: expect.stringMatching(said) });
    expect(await engine.gates()).toEqual(before);
    expect(now().undoStack).toEqual([]);
    expect(now().exporting.accepted).toEqual([]);
  });

  test('inflates to more than it says', async () => {
    const file = await changed(() => undefined);
    const bytes = new Uint8Array(await file.arrayBuffer());
    const view = new DataView(bytes.buffer);
    // session.json says in both headers that it has ten bytes.
    for (let i = 0; i + 46 < bytes.length; i++) {
      const name = (offset: number, length: number) =>
        strFromU8(bytes.subarray(i + offset, i + offset + length));
      if (view.getUint32(i, true) === 0x02014b50 && name(46, 12) === 'session.json')
        view.setUint32(i + 24, 10, true);
      if (view.getUint32(i, true) === 0x04034b50 && name(30, 12) === 'session.json')
        view.setUint32(i + 22, 10, true);
    }
    const { now } = await page(memoryShelves());
    await now().openSession(new File([bytes], 'bomb.frism'));
    expect(now().toasts.at(-1)?.text).toMatch(/bomb\.frism/);
    expect(now().undoStack).toEqual([]);
  });

  test('is no zip', async () => {
    const { now } = await page(memoryShelves());
    await now().openSession(new File(['hello'], 'x.frism'));
    expect(now().toasts.at(-1)?.text).toMatch(/x\.frism cannot be read as a session/);
  });
});
