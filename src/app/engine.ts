/** Which engine the page runs on: the worker; `?fake` in development is the made-up one. */
import type { EngineApi } from '../../protocol/engine.ts';
import { createEngineClient, type DiedListener } from '../client/engine-client.ts';
import type { Quiet } from '../client/watchdog.ts';

export interface ChosenEngine {
  readonly engine: EngineApi;
  readonly onDied: (listener: DiedListener) => void;
  readonly onQuiet: (listener: (quiet: Quiet) => void) => void;
  readonly restart: () => void;
}

export async function chooseEngine(): Promise<ChosenEngine> {
  if (import.meta.env.DEV && new URLSearchParams(location.search).has('fake')) {
    const { createFakeEngine } = await import('../client/fake-engine.ts');
    const nothing = (): void => undefined;
    const engine = createFakeEngine({ stepMs: 60, previews: true });
    return { engine, onDied: nothing, onQuiet: nothing, restart: nothing };
  }
  const engine = createEngineClient();
  return {
    engine,
    onDied: (listener) => void engine.onDied(listener),
    onQuiet: (listener) => void engine.onQuiet(listener),
    restart: () => engine.restart(),
  };
}
