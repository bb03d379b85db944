import { beforeAll, expect, test } from 'vitest';
import type { RunEvent } from '../../protocol/events.ts';
import { defaultOptions, type DistillOptions } from '../../core/objective/options.ts';
import { LiveGates } from './live-gates.ts';
import { DistillRun } from './run.ts';
import { RunEvents } from './run-events.ts';
import type { Term } from './terms/term.ts';
import { startDevice } from '../../test/device.ts';

// A run asks the device to give back unused memory, whether or not its terms compute there.
beforeAll(startDevice);

const options: DistillOptions = { ...defaultOptions, alpha: 0, steps: 40, batchSize: 1 };

/** Pulls every gate towards 0.9; `spoil` may return another loss for a step. */
function setUp({
  steps = 40,
  spoil = (_: number): number | null => null,
  exclusive = <T>(body: () => Promise<T>) => body(),
  pauseAfter = Infinity,
} = {}) {
  const live = new LiveGates({ values: Float32Array.of(0.5, 0.5, 0.5), locks: new Uint8Array(3) });
  const events: RunEvent[] = [];
  const abort = new AbortController();
  let computed = 0;
  const term: Term = {
    id: 'distill',
    compute: async ({ gates }) => {
      computed++;
      await new Promise((resolve) => setTimeout(resolve, 1));
      const loss = spoil(computed) ?? gates.reduce((sum, gate) => sum + (gate - 0.9) ** 2, 0);
      return { loss, gradient: gates.map((gate) => 2 * (gate - 0.9)) };
    },
    skip: async () => undefined,
  };
  const run = new DistillRun({
    options: { ...options, steps },
    pauseAfter,
    live,
    events: new RunEvents((event) => events.push(event)),
    signal: abort.signal,
    prepare: async () => ({
      terms: [{ term, weight: 1 }],
      factors: { slots: [], dispose: () => undefined },
      vlm: new Map(),
    }),
    exclusive,
  });
  return { run, live, events, abort };
}
const states = (events: RunEvent[]) =>
  events.flatMap((event) => (event.type === 'state' ? [`${event.state} ${event.step}`] : []));

test('runs to the end, numbers its events and sends the last step', async () => {
  const { run, events, live } = setUp();
  await run.run();
  expect(states(events)).toEqual(['preparing 0', 'running 0', 'finished 40']);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  const last = events.findLast((event) => event.type === 'step');
  expect(last).toMatchObject({ step: 40, steps: 40, etaMs: 0 });
  expect(last?.type === 'step' && [...last.gates]).toEqual([...live.values]);
  expect(live.values[0]).toBeGreaterThan(0.85);
});

test('pauses, does single steps, takes an edit by hand and resumes', async () => {
  const { run, events, live } = setUp({ steps: 30 });
  const ended = run.run();
  await run.pause();
  await run.step(2);
  await run.step(3);
  expect(states(events).slice(-1)).toEqual(['paused 5']);
  live.edit(4, { indices: Uint32Array.of(1), values: Float32Array.of(0), locks: Uint8Array.of(1) }, 1);
  run.resume();
  await ended;
  expect(live.values[1]).toBe(0);
  expect(events.findLast((event) => event.type === 'step')).toMatchObject({ revision: 4 });
  expect(states(events)).toEqual([
    'preparing 0',
    'paused 0',
    'running 0',
    'paused 2',
    'running 2',
    'paused 5',
    'running 5',
    'finished 30',
  ]);
});

test('can be told at its start after how many steps to pause', async () => {
  const { run, events } = setUp({ pauseAfter: 1 });
  const ended = run.run();
  await expect.poll(() => states(events)).toEqual(['preparing 0', 'running 0', 'paused 1']);
  await run.step(2);
  run.stop();
  await ended;
  expect(states(events).at(-1)).toBe('stopped 3');
});

test('tells the divergence of the first step and the mean of the last ten, whichever steps it tells of', async () => {
  const { run, events } = setUp({ pauseAfter: 1 });
  const ended = run.run();
  await expect.poll(() => states(events).at(-1)).toBe('paused 1');
  // A pause lets each step be told.
  for (let step = 2; step <= 12; step++) await run.step(1);
  run.stop();
  await ended;
  const steps = events.flatMap((event) => (event.type === 'step' ? [event] : []));
  const distill = steps.map(({ losses }) => losses.distill);
  expect(distill).toHaveLength(12);
  expect(steps[2]?.divergence).toEqual({
    first: distill[0],
    recent: expect.closeTo(((distill[0] ?? 0) + (distill[1] ?? 0) + (distill[2] ?? 0)) / 3, 12),
    over: 3,
  });
  expect(steps[11]?.divergence).toEqual({
    first: distill[0],
    recent: expect.closeTo(distill.slice(2).reduce((sum, loss) => sum + loss, 0) / 10, 12),
    over: 10,
  });
});

test('a pause that is resumed before it came about does not wait for the next one', async () => {
  const { run } = setUp({ steps: 10_000 });
  const ended = run.run();
  const paused = run.pause();
  run.resume();
  await paused;
  run.stop();
  await ended;
});

test('starts from gates within gateMax, locked ones too', async () => {
  const { run, live, events } = setUp({ steps: 1 });
  live.edit(
    1,
    { indices: Uint32Array.of(0, 2), values: Float32Array.of(3, 2), locks: Uint8Array.of(1, 0) },
    1024,
  );
  await run.run();
  expect(live.values[0]).toBe(1);
  expect(events.findLast((event) => event.type === 'step')).toMatchObject({
    losses: { distill: expect.closeTo(2 * 0.1 ** 2 + 0.4 ** 2, 6) },
  });
});

test('stop keeps the gates; cancel rejects with its code; both end a paused run too', async () => {
  const stopped = setUp({ steps: 10_000 });
  const ended = stopped.run.run();
  await stopped.run.step(3);
  stopped.run.stop();
  await ended;
  expect(states(stopped.events).at(-1)).toBe('stopped 3');
  expect(stopped.live.values[0]).toBeGreaterThan(0.55);

  const cancelled = setUp({ steps: 10_000 });
  const rejected = expect(cancelled.run.run()).rejects.toMatchObject({ code: 'cancelled' });
  await cancelled.run.pause();
  cancelled.abort.abort();
  await rejected;
  expect(states(cancelled.events).at(-1)).toBe('stopped 0');
});

test('a loss that is not finite ends the run at the last finite gates', async () => {
  const { run, live, events } = setUp({ spoil: (computed) => (computed === 4 ? NaN : null) });
  await expect(run.run()).rejects.toMatchObject({ code: 'bad-request', details: { step: 4 } });
  const failed = events.at(-1);
  expect(failed).toMatchObject({ type: 'state', state: 'failed', step: 3, error: { code: 'bad-request' } });
  // The gates after step 3 gave the NaN; those after step 2 were the last with a finite loss.
  const replay = setUp({ steps: 2 });
  await replay.run.run();
  expect([...live.values]).toEqual([...replay.live.values]);
});
