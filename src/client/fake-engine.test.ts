import { expect, test } from 'vitest';
import type { RunEvent } from '../../protocol/events.ts';
import { createFakeEngine } from './fake-engine.ts';

test('the fake opens, runs, pauses, keeps a gate set by hand and measures', async () => {
  const engine = createFakeEngine({ stepMs: 0 });
  let spectra = 0;
  const session = await engine.open(
    'open',
    { kind: 'manifest', url: '/fake' },
    (event) => (spectra += event.type === 'spectrum' ? 1 : 0),
  );
  expect(spectra).toBe(session.slots.length);

  const events: RunEvent[] = [];
  const paused = new Promise<void>((resolve) => {
    void engine.distill('run', { ...session.defaults, steps: 12 }, (event) => {
      events.push(event);
      if (event.type === 'step' && event.step === 5) void engine.pause();
      if (event.type === 'state' && event.state === 'paused') resolve();
    });
  });
  await paused;
  await engine.setGates(7, {
    indices: Uint32Array.of(3),
    values: Float32Array.of(0.25),
    locks: Uint8Array.of(1),
  });
  await engine.resume();
  await expect.poll(() => events.at(-1)).toMatchObject({ type: 'state', state: 'finished', step: 12 });
  expect((await engine.gates()).values[3]).toBe(0.25);
  expect(events.findLast((event) => event.type === 'step')).toMatchObject({ revision: 7 });
  expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => i + 1));

  const evaluation = await engine.evaluate('m', { kind: 'vlm' }, 40, () => undefined);
  expect(evaluation.reasoning).toMatchObject({ correct: 0, total: 40 });
});
