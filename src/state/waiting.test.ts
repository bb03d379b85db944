/** The store against the fake engine: what a person sees and can do while something takes its time. */
import { describe, expect, test } from 'vitest';
import { all, at, opened, paced, source } from '../../test/opened-store.ts';
import { createFakeEngine } from '../client/fake-engine.ts';
import { actions } from './actions/actions.ts';
import { createStudioStore } from './store.ts';
import { unsavedWork } from './unsaved-work.ts';

/** Opened at once; from then on what takes time is over when the test says so. */
async function slow() {
  const pace = paced();
  let own = false;
  const studio = await opened({ wait: (ms) => (own ? pace.wait() : new Promise((r) => setTimeout(r, ms))) });
  own = true;
  return { ...studio, ...pace };
}

describe('a question', () => {
  test('is answered word by word, one model after another, with the time since it was asked', async () => {
    const { now, tick } = await slow();
    now().setTryIt({ question: 'read' });
    const asking = now().ask();
    expect(now().tryIt).toMatchObject({ status: 'answering', live: { heard: {} } });
    expect(now().tryIt.live?.beganAt).toBeGreaterThan(0);
    await tick();
    expect(now().tryIt.live?.heard).toMatchObject({
      vlm: { type: 'said', text: 'v', tokens: 1, ended: false },
    });
    await tick('vlm:read'.length - 1);
    expect(now().tryIt.live?.heard).toMatchObject({
      vlm: { text: 'vlm:read', ended: true },
      lrm: { type: 'progress' },
    });
    await tick('lrm:read'.length + 'merged:read'.length);
    await asking;
    expect(now().tryIt).toMatchObject({
      status: 'idle',
      live: null,
      result: { merged: { text: 'merged:read' } },
    });
  });

  test('can be cancelled in the middle of an answer; the answers from before stay, and nothing is amiss', async () => {
    const { now, tick } = await slow();
    now().setTryIt({ question: 'a' });
    const first = now().ask();
    await tick('vlm:alrm:amerged:a'.length);
    await first;
    now().setTryIt({ question: 'b' });
    expect(actions.cancelAsking.obstacle(now())).toBe('No question is being answered.');
    const second = now().ask();
    await tick(2);
    expect(actions.cancelAsking.obstacle(now())).toBeNull();
    now().cancelAsking();
    await tick();
    await second;
    expect(now().tryIt).toMatchObject({
      status: 'idle',
      live: null,
      error: null,
      asked: { question: 'a' },
      result: { merged: { text: 'merged:a' } },
    });
    expect(now().toasts).toEqual([]);
  });
});

describe('a run', () => {
  test('says at once that a pause is coming, and is paused after its step', async () => {
    const { now, tick } = await slow();
    const running = now().play();
    await tick(4);
    expect(now().run).toMatchObject({ state: 'running', coming: null });
    const pausing = now().pause();
    expect(now().run).toMatchObject({ state: 'running', coming: 'pause' });
    expect(actions.run.labelNow?.(now())).toBe('Pausing…');
    expect(actions.run.obstacle(now())).toMatch(/coming already/);
    await tick();
    await pausing;
    expect(now().run).toMatchObject({ state: 'paused', coming: null });
    const stopping = now().stop();
    expect(now().run.coming).toBe('stop');
    await stopping;
    await running;
    expect(now().run).toMatchObject({ state: 'stopped', coming: null });
  });

  test('says since when it has been in a stage of its preparation', async () => {
    const { now, tick } = await slow();
    void now().play();
    expect(now().run).toMatchObject({ state: 'preparing', progress: null });
    expect(now().run.stageBeganAt).toBeGreaterThan(0);
    await tick();
    expect(now().run).toMatchObject({ progress: { stage: 'Asking the teachers', done: 1, total: 3 } });
    await tick(2);
    expect(now().run).toMatchObject({ state: 'running', stageBeganAt: null });
  });
});

describe('compute that is not heard of', () => {
  test('is said only while something waits for it, and longer where a person said to wait', async () => {
    const { now } = await slow();
    now().computeQuiet({ signMs: 90_000, wordMs: 90_000 });
    expect(now().quiet).toBeNull();
    void now().ask();
    now().computeQuiet({ signMs: 20_000, wordMs: 120_000 });
    expect(now().quiet).toBeNull();
    now().computeQuiet({ signMs: 65_000, wordMs: 65_000 });
    expect(now().quiet).toEqual({ kind: 'no sign', forMs: 65_000 });
    now().keepWaiting();
    now().computeQuiet({ signMs: 70_000, wordMs: 70_000 });
    expect(now().quiet).toBeNull();
    now().computeQuiet({ signMs: 125_000, wordMs: 125_000 });
    expect(now().quiet).toEqual({ kind: 'no sign', forMs: 125_000 });
    // It was only long.
    now().computeQuiet({ signMs: 0, wordMs: 0 });
    expect(now().quiet).toBeNull();
    now().computeQuiet({ signMs: 2000, wordMs: 301_000 });
    expect(now().quiet).toEqual({ kind: 'no word', forMs: 301_000 });
  });

  test('a run that a person has paused, and an opening, may be silent for as long as they like', async () => {
    const { now, tick } = await slow();
    void now().play();
    await tick(4);
    const pausing = now().pause();
    await tick();
    await pausing;
    now().computeQuiet({ signMs: 0, wordMs: 3_600_000 });
    expect(now().quiet).toBeNull();
  });

  test('is stopped and opened again, with the gates that were set', async () => {
    const engine = createFakeEngine({ stepMs: 0 });
    const hangs = { ...engine, answer: () => new Promise<never>(() => undefined) };
    let restarts = 0;
    const store = createStudioStore(hangs, { restart: () => (restarts += 1) });
    const now = store.getState;
    await now().connect();
    await now().open(source);
    now().editGates('Close', at(3), all(1, 0), true);
    void now().ask();
    now().computeQuiet({ signMs: 65_000, wordMs: 65_000 });
    const before = now().session;
    await now().stopAndReopen();
    expect(restarts).toBe(1);
    expect(now()).toMatchObject({ quiet: null, connection: { status: 'ready' }, tryIt: { live: null } });
    expect(now().session).not.toBe(before);
    expect([now().gates.values[3], now().gates.locks[3]]).toEqual([0, 1]);
  });

  test('whose device failed is started again by itself once, and then offers to do without it', async () => {
    const fake = createFakeEngine({ stepMs: 0 });
    const asked: string[] = [];
    const engine: typeof fake = {
      ...fake,
      connect: async (choice) => (
        asked.push(choice),
        { ...(await fake.connect(choice)), backend: choice === 'wasm' ? 'wasm' : 'webgpu' }
      ),
    };
    const now = createStudioStore(engine, { restart: () => undefined }).getState;
    await now().connect();
    await now().open(source);
    now().editGates('Close', at(3), all(1, 0), true);
    const before = now().session;
    const error = {
      code: 'device',
      message: 'The graphics device was lost.',
      retryable: true,
      details: {},
    } as const;
    await now().deviceFailed(error);
    expect(now().connection.status).toBe('ready');
    expect(now().session).not.toBe(before);
    expect(now().toasts.at(-1)?.text).toMatch(/device was lost\. Compute was started again by itself/);
    expect(now().gates.values[3]).toBe(0);
    expect(actions.computeOnWasm.obstacle(now())).not.toBeNull();
    await now().deviceFailed(error);
    expect(now().connection).toMatchObject({ status: 'lost', error: { message: error.message } });
    expect(actions.computeOnWasm.obstacle(now())).toBeNull();
    await actions.computeOnWasm.perform(now());
    expect(now()).toMatchObject({ connection: { status: 'ready' }, backend: { backend: 'wasm' } });
    expect(asked).toEqual(['auto', 'auto', 'wasm']);
    expect(now().gates.values[3]).toBe(0);
    expect(actions.computeOnWasm.obstacle(now())).not.toBeNull();
  });
});

describe('work that leaving the page would lose', () => {
  test('is gates that are in no file: edited ones, until they are exported or put back', async () => {
    const { now } = await opened();
    expect(unsavedWork(now())).toBe(false);
    now().editGates('Close', at(3), all(1, 0), true);
    expect(unsavedWork(now())).toBe(true);
    now().undo();
    expect(unsavedWork(now())).toBe(false);
    now().redo();
    await now().exportMerged({ kind: 'archive' }, { kind: 'checkpoint', maxShardBytes: null });
    expect(unsavedWork(now())).toBe(false);
    now().editGates('Close', at(4), all(1, 0), true);
    expect(unsavedWork(now())).toBe(true);
    await now().saveRecipe();
    expect(unsavedWork(now())).toBe(false);
    now().editGates('Close', at(5), all(1, 0), true);
    // A merge by another method has none of these gates in it.
    await now().exportMethod({ kind: 'archive' }, null);
    expect(unsavedWork(now())).toBe(true);
  });

  test('is a run and what came of it, and no mere change of the budget', async () => {
    const { now } = await opened({ stepMs: 1 });
    await now().setBudget(16);
    expect(unsavedWork(now())).toBe(false);
    now().setOptions({ steps: 3 });
    const running = now().play();
    expect(unsavedWork(now())).toBe(true);
    await running;
    expect(unsavedWork(now())).toBe(true);
    await now().open(source);
    expect(unsavedWork(now())).toBe(false);
  });
});

test('the recipe of the present gates is downloaded without an export', async () => {
  const downloads: [string, string][] = [];
  const store = createStudioStore(createFakeEngine({ stepMs: 0 }), {
    download: (name, text) => downloads.push([name, String(text)]),
  });
  const now = store.getState;
  expect(actions.saveRecipe.obstacle(now())).toMatch(/^Compute is/);
  await now().connect();
  await now().open(source);
  now().setOptions({ lambda: 0.7 });
  await now().saveRecipe();
  expect(downloads.map(([name]) => name)).toEqual(['recipe.json']);
  expect(JSON.parse(downloads[0]?.[1] ?? '')).toEqual({ fake: true, lambda: 0.7 });
  expect(now().exporting).toMatchObject({ status: 'idle', note: expect.stringContaining('recipe.json') });
});
