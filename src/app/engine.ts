/** Which engine the page runs on. */
import type { EngineApi } from '../protocol/engine.ts';

export async function chooseEngine(): Promise<EngineApi> {
  const { createFakeEngine } = await import('../client/fakeEngine.ts');
  return createFakeEngine({ stepMs: 40 });
}
