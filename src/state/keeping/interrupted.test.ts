/** A run that is interrupted by a reload or the end of its worker: it comes back paused at its step and goes on. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { keptPage as page, type KeptPage } from '../../../test/kept-page.ts';
import { memoryShelves } from '../../../test/memory-shelf.ts';
import { all, at } from '../../../test/opened-store.ts';
import { createFakeEngine } from '../../client/fake-engine.ts';

// The demo is found beside the page.
beforeAll(() => vi.stubGlobal('document', { baseURI: 'https://studio.test/' }));
afterAll(() => vi.unstubAllGlobals());

const steps = 10;

async function pausedAt(count: number, { now }: KeptPage): Promise<void> {
  now().setOptions({ steps });
  void now().step(count);
  await expect.poll(() => [now().run.state, now().run.step]).toEqual(['paused', count]);
}

async function toEnd({ now }: KeptPage): Promise<void> {
  await now().play();
  await expect.poll(() => now().run.state).toBe('finished');
}

test('a paused run comes back paused at its step, and ends as one that was never interrupted', async () => {
  const straight = await page(memoryShelves());
  straight.now().setOptions({ steps });
  await toEnd(straight);

  const shelves = memoryShelves();
  const first = await page(shelves);
  await pausedAt(4, first);
  await first.save();

  const second = await page(shelves);
  await expect.poll(() => second.now().run.state).toBe('paused');
  expect(second.now().run).toMatchObject({ number: 1, step: 4, steps });
  expect(second.now().run.losses.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  expect(second.now().gates).toEqual(first.now().gates);
  await toEnd(second);
  expect(second.now().gates).toEqual(straight.now().gates);
  expect(second.now().run.losses.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(second.now().run.losses).toEqual(straight.now().run.losses);
  expect(second.now().run.checkpoint).toBeNull();
});

test('an edit by hand while it stands is part of it, and undo leads back over it', async () => {
  const shelves = memoryShelves();
  const first = await page(shelves);
  await pausedAt(4, first);
  first.now().editGates('Close', at(3), all(1, 0), true);
  await first.save();
  const second = await page(shelves);
  await expect.poll(() => second.now().run.state).toBe('paused');
  expect([second.now().gates.values[3], second.now().gates.locks[3]]).toEqual([0, 1]);
  second.now().undo();
  expect(second.now().gates.locks[3]).toBe(0);
  second.now().redo();
  await toEnd(second);
  expect([second.now().gates.values[3], second.now().gates.locks[3]]).toEqual([0, 1]);
});

test('an edit that the engine had not answered for yet is set again', async () => {
  const shelves = memoryShelves();
  const first = await page(shelves);
  await pausedAt(4, first);
  await first.save();
  // The engine is in the middle of something: checkpoints come no more.
  vi.spyOn(first.engine, 'checkpoint').mockImplementation(() => new Promise(() => undefined));
  first.now().editGates('Close', at(5), all(1, 0), true);
  await first.save();
  const second = await page(shelves);
  await expect.poll(() => second.now().run.state).toBe('paused');
  expect([second.now().gates.values[5], second.now().gates.locks[5]]).toEqual([0, 1]);
  expect((await second.engine.gates()).locks[5]).toBe(1);
});

test('a run that goes on is stored while it goes on, and a stopped one is not gone on with', async () => {
  const shelves = memoryShelves();
  const first = await page(shelves);
  await pausedAt(3, first);
  await first.save();
  await first.now().stop();
  await expect.poll(() => first.now().run.state).toBe('stopped');
  await first.save();
  const second = await page(shelves);
  expect(second.now().run).toMatchObject({ state: 'stopped', step: 3, checkpoint: null });
  expect(await second.engine.checkpoint()).toBeNull();
});

test('while it stands and nothing moves, nothing is stored again', async () => {
  const shelves = memoryShelves();
  const first = await page(shelves);
  await pausedAt(3, first);
  await first.save();
  await first.save();
  const { written } = shelves;
  await first.save();
  first.now().hover(2);
  await first.save();
  expect(shelves.written).toBe(written);
});

test('the end of the worker takes no step away: restarting compute brings the run back', async () => {
  const shelves = memoryShelves();
  const first = await page(shelves);
  await pausedAt(4, first);
  await first.save();
  const { gates } = first.now();
  first.now().engineLost({ code: 'device', message: 'It died.', retryable: true, details: {} });
  expect(first.now().run.state).toBe('failed');
  // Where a worker dies, the next one knows nothing of the run.
  Object.assign(first.engine, createFakeEngine({ stepMs: 0 }));
  await first.now().reconnect();
  await expect.poll(() => first.now().run.state).toBe('paused');
  expect(first.now().run).toMatchObject({ number: 1, step: 4 });
  expect(first.now().gates).toEqual(gates);
});

test('a checkpoint that is damaged is refused with the session, and none of it reaches the engine', async () => {
  const shelves = memoryShelves();
  const first = await page(shelves);
  await pausedAt(4, first);
  await first.save();
  const [session] = [...shelves.sessions.values()];
  Object.assign((session?.parts as { interrupted: { checkpoint: object } }).interrupted.checkpoint, {
    step: 99,
  });
  const second = await page(shelves);
  expect(second.now().toasts.at(-1)?.text).toMatch(/interrupted.*damaged/);
  expect(second.now().run.state).toBe('idle');
});
