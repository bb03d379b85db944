/** A store over the fake engine with its session open, and short ways to write edits. */
import { createFakeEngine } from '../src/client/fake-engine.ts';
import type { FakeEngineOptions } from '../src/client/fake-state.ts';
import type { EngineApi } from '../protocol/engine.ts';
import { createStudioStore } from '../src/state/store.ts';

export const source = { kind: 'manifest', url: '/fake' } as const;

export async function opened(
  options: FakeEngineOptions = {},
  change: (engine: EngineApi) => EngineApi = (engine) => engine,
) {
  const engine = change(createFakeEngine({ stepMs: 0, ...options }));
  const store = createStudioStore(engine);
  await store.getState().connect();
  await store.getState().open(source);
  return { engine, store, now: store.getState };
}

/** The pace of a fake engine in a test's hand: what takes time is over when the test says so. */
export function paced() {
  const waiting: (() => void)[] = [];
  /** What follows a step follows by promises alone, so one turn of the event loop brings the next one. */
  const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
  return {
    wait: () => new Promise<void>((resolve) => waiting.push(resolve)),
    /** Ends so many steps, one after another, with all that follows. */
    async tick(steps = 1): Promise<void> {
      await turn();
      for (let i = 0; i < steps; i++) {
        const end = waiting.shift();
        if (!end) throw new Error('The fake engine waits for nothing.');
        end();
        await turn();
      }
    },
  };
}

export const at = (...indices: number[]) => Uint32Array.from(indices);
export const all = (count: number, value: number) => new Float32Array(count).fill(value);
/** Gates are float32. */
export const gate = (value: number) => Math.fround(value);
