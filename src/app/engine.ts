/** Which engine the page runs on: the worker; `?fake` in development is the made-up one. */
import type { EngineApi } from '../../protocol/engine.ts';
import type { StudioError } from '../../core/errors.ts';
import { createEngineClient } from '../client/engine-client.ts';

export interface ChosenEngine {
  readonly engine: EngineApi;
  readonly onDied: (listener: (error: StudioError) => void) => void;
}

export async function chooseEngine(): Promise<ChosenEngine> {
  if (import.meta.env.DEV && new URLSearchParams(location.search).has('fake')) {
    const { createFakeEngine } = await import('../client/fake-engine.ts');
    return { engine: createFakeEngine({ stepMs: 60, previews: true }), onDied: () => undefined };
  }
  const engine = createEngineClient();
  return { engine, onDied: (listener) => void engine.onDied(listener) };
}
