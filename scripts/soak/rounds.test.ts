/** The short form of `npm run soak`: on the fake engine, which computes nothing. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createFakeEngine } from '../../src/client/fake-engine.ts';
import { createStudioStore } from '../../src/state/store.ts';
import { memoryShelves } from '../../test/memory-shelf.ts';
import { playRound, type Studio } from './rounds.ts';

// The demo is found beside the page.
beforeAll(() => vi.stubGlobal('document', { baseURI: 'https://studio.test/' }));
afterAll(() => vi.unstubAllGlobals());

async function fakeStudio(change: (engine: ReturnType<typeof createFakeEngine>) => void): Promise<Studio> {
  const engine = createFakeEngine({ stepMs: 0 });
  change(engine);
  const saved: File[] = [];
  const store = createStudioStore(engine, {
    shelf: memoryShelves().tab('tab'),
    download: (name, content) => void saved.unshift(new File([content], name)),
  });
  await store.getState().begin();
  return { engine, now: store.getState, saved };
}

const options = { seed: 1, actions: 50, pauseMs: 1, hangingMs: 300_000 };

test('page and engine agree after every round of random actions, and nothing goes on for ever', async () => {
  const studio = await fakeStudio(() => undefined);
  for (let number = 0; number < 2; number++)
    expect((await playRound(studio, { ...options, number })).faults).toEqual([]);
});

test('an engine that leaves an edit out is found out', async () => {
  const studio = await fakeStudio((engine) => (engine.setGates = async () => undefined));
  const { faults } = await playRound(studio, { ...options, number: 1 });
  expect(faults.join('\n')).toMatch(/differ between page and engine/);
});
