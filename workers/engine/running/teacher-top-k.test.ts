/**
 * A teacher's most probable tokens instead of whole distributions, from the engine's outside, on the demo
 * trio.
 */
import { smallDemo } from '../../../test/small-demo.ts';
import { expect, test } from 'vitest';
import type { RunEvent } from '../../../protocol/events.ts';
import { nodeHost } from '../../backend/host.node.ts';
import { startBackend } from '../../backend/start.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { memoryOutput } from '../../io/output/memory-output.ts';
import { createEngine } from '../create-engine.ts';

test('a run may change it: the teacher keeps its answers, the loss is a lower bound, and going back gives the first run again', async () => {
  const engine = createEngine({
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openManifest: (url) => ({ folder: nodeDirectory(url), file: 'manifest.json' }),
    openOutput: async (_target, name) => memoryOutput(name, 2 ** 30),
    cache: memoryFactorCache(),
  });
  await engine.connect('wasm');
  const session = await engine.open('open', { kind: 'manifest', url: smallDemo() }, () => undefined);
  expect(session.defaults.teacherTopK).toBeNull();
  const half = session.gates.values.slice();
  const run = async (teacherTopK: number | null) => {
    const events: RunEvent[] = [];
    await engine.setGates(1, { indices: Uint32Array.from(half.keys()), values: half.slice(), locks: null });
    const options = { ...session.defaults, steps: 1, batchSize: 8, teacherTopK };
    await engine.distill('run', options, (event) => events.push(event));
    const step = events.find((event) => event.type === 'step');
    return {
      losses: step?.losses,
      stages: new Set(events.flatMap((event) => (event.type === 'progress' ? [event.progress.stage] : []))),
    };
  };
  const [whole, few, again] = [await run(null), await run(2), await run(null)];
  expect(whole.stages).toContain('VLM answers');
  expect([...few.stages]).not.toContain('VLM answers');
  expect(few.stages).toContain('Teacher’s distributions');
  expect(few.losses?.distill).toBeGreaterThan(0);
  expect(few.losses?.distill).toBeLessThan(whole.losses?.distill ?? NaN);
  expect(again.losses).toEqual(whole.losses);

  for (const teacherTopK of [0, 1.5, 5000, NaN]) {
    await expect(
      engine.distill('run', { ...session.defaults, teacherTopK }, () => undefined),
    ).rejects.toMatchObject({ code: 'bad-request', details: { option: 'teacherTopK' } });
  }
});
