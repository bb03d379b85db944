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

export const at = (...indices: number[]) => Uint32Array.from(indices);
export const all = (count: number, value: number) => new Float32Array(count).fill(value);
/** Gates are float32. */
export const gate = (value: number) => Math.fround(value);
