/** The studio as a tab opens it, on the fake engine and a shelf in memory. */
import { createFakeEngine } from '../src/client/fake-engine.ts';
import type { FakeEngineOptions } from '../src/client/fake-state.ts';
import type { BrowserStorage } from '../src/state/browser-storage.ts';
import { keepAll, type KeptSession } from '../src/state/keeping/parts.ts';
import { createStudioStore } from '../src/state/store.ts';
import type { StudioState } from '../src/state/types.ts';
import type { Shelves } from './memory-shelf.ts';

/** A page of a tab, with time in the test's hand: `save` is the moment that the browser would give. */
export async function keptPage(
  shelves: Shelves,
  tab = 'tab',
  options: FakeEngineOptions = {},
  storage: BrowserStorage | null = null,
) {
  let clock = 1000 * shelves.sessions.size;
  let asked: (() => void) | null = null;
  let ids = shelves.sessions.size;
  const engine = createFakeEngine({ stepMs: 0, ...options });
  const downloads: (readonly [string, string | Blob])[] = [];
  const store = createStudioStore(engine, {
    download: (name, content) => void downloads.push([name, content]),
    shelf: shelves.tab(tab),
    storage,
    moments: {
      soon: (work) => (asked = work),
      now: () => ++clock,
      newId: () => `session-${tab}-${++ids}`,
    },
  });
  await store.getState().begin();
  return {
    engine,
    downloads,
    store,
    now: store.getState,
    pass: (ms: number) => (clock += ms),
    async save() {
      asked?.();
      asked = null;
      await store.getState().storeNow();
    },
  };
}

export type KeptPage = Awaited<ReturnType<typeof keptPage>>;

/** What is kept of a session but what is known later (a sample of the VLM), and the log, which coming back adds to. */
export function keptWork(state: StudioState): Partial<KeptSession> {
  const kept: Partial<Record<keyof KeptSession, unknown>> = keepAll(state);
  delete kept.log;
  kept.models = { ...(kept.models as KeptSession['models']), vlm: undefined };
  return kept as Partial<KeptSession>;
}
