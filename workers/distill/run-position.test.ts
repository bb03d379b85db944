/** A run that goes on from another's position, held to the run that never stopped, bit for bit. */
import { beforeAll, expect, test } from 'vitest';
import type { GateEdit } from '../../core/gates/field.ts';
import { defaultOptions } from '../../core/objective/options.ts';
import type { Losses } from '../../core/objective/terms.ts';
import type { RunPosition } from '../../core/runs/run-checkpoint.ts';
import type { RunEvent } from '../../protocol/events.ts';
import { startDevice } from '../../test/device.ts';
import { LiveGates } from './live-gates.ts';
import { createSampler, seededRandom } from './random.ts';
import { DistillRun } from './run.ts';
import { RunEvents } from './run-events.ts';
import type { Term } from './terms/term.ts';

// A run asks the device to give back unused memory, whether or not its terms compute there.
beforeAll(startDevice);

const size = 40;
const steps = 30;

/** Pulls gates to where the batch's samples say: seven samples, three of them a step. */
function setUp(from: RunPosition | null = null, pauseAfter = 0) {
  const live = new LiveGates({
    values: new Float32Array(size).fill(0.5),
    locks: new Uint8Array(size),
  });
  const events: RunEvent[] = [];
  const abort = new AbortController();
  const sample = createSampler(7, seededRandom(5, 0));
  /** Called in the middle of a step. */
  const midway: { call: () => void } = { call: () => undefined };
  const spoiling: { loss: number | null } = { loss: null };
  const term: Term = {
    id: 'distill',
    compute: async ({ gates }) => {
      const chosen = sample(3);
      const aims = gates.map((_, i) => chosen.reduce((sum, item) => sum + ((item * 13 + i) % 11) / 33, 0));
      await new Promise((resolve) => setTimeout(resolve, 0));
      midway.call();
      const loss = spoiling.loss ?? gates.reduce((sum, gate, i) => sum + (gate - (aims[i] ?? 0)) ** 2, 0);
      return { loss, gradient: gates.map((gate, i) => 2 * (gate - (aims[i] ?? 0))) };
    },
    skip: async (count) => {
      for (let i = 0; i < count; i++) sample(3);
    },
  };
  const run = new DistillRun({
    options: { ...defaultOptions, alpha: 0, steps, gateMax: 1.5 },
    pauseAfter,
    from,
    live,
    events: new RunEvents((event) => events.push(event)),
    signal: abort.signal,
    prepare: async () => ({
      terms: [{ term, weight: 1 }],
      factors: { slots: [], dispose: () => undefined },
      vlm: new Map(),
    }),
    exclusive: (body) => body(),
  });
  return { run, live, events, midway, spoiling };
}

type Edits = Readonly<Record<number, GateEdit>>;
interface Course {
  readonly losses: readonly Losses[];
  readonly divergences: readonly unknown[];
  readonly positions: readonly RunPosition[];
  readonly states: readonly string[];
}

/** One step at a time, so that each is told, with the edits before the step after the one they stand at. */
async function go(from: RunPosition | null, until: number, edits: Edits = {}): Promise<Course> {
  const first = from?.step ?? 0;
  const { run, live, events } = setUp(from, first);
  const ended = run.run();
  await run.pause();
  const positions: RunPosition[] = [];
  for (let step = first; step < until; step++) {
    const edit = edits[step];
    if (edit) live.edit(step + 1, edit, 1.5);
    const position = run.position();
    if (position) positions.push(structuredClone(position));
    await run.step(1);
  }
  const last = run.position();
  if (last) positions.push(structuredClone(last));
  run.stop();
  await ended;
  const told = events.flatMap((event) => (event.type === 'step' ? [event] : []));
  return {
    losses: told.map(({ losses }) => losses),
    divergences: told.map(({ divergence }) => divergence),
    positions,
    states: events.flatMap((event) => (event.type === 'state' ? [`${event.state} ${event.step}`] : [])),
  };
}

const byHand: Edits = {
  2: {
    indices: Uint32Array.of(0, 1, 2, 3),
    values: Float32Array.of(0, 1.5, 0.3, 0.9),
    locks: Uint8Array.of(1, 1, 0, 0),
  },
  7: { indices: Uint32Array.of(0, 3), values: null, locks: Uint8Array.of(0, 1) },
  11: { indices: Uint32Array.of(3, 9), values: Float32Array.of(0.1, 1.2), locks: Uint8Array.of(0, 0) },
};

test.each([
  ['untouched', {}],
  ['with edits and locks by hand, before the stop, at it and after it', byHand],
])('from any step on, %s: losses, gates and the optimiser’s memory of every later step', async (_, edits) => {
  const straight = await go(null, 16, edits);
  expect(straight.positions.map(({ step }) => step)).toEqual(Array.from({ length: 17 }, (_, i) => i));
  // Before the first step, at an edit, right after one, past the sampler's first epoch, and at the last step.
  for (const stop of [0, 1, 2, 3, 7, 8, 11, 15]) {
    const from = straight.positions[stop] ?? null;
    const rest = await go(from, 16, Object.fromEntries(Object.entries(edits).filter(([at]) => +at > stop)));
    expect(rest.losses).toEqual(straight.losses.slice(stop));
    expect(rest.divergences).toEqual(straight.divergences.slice(stop));
    expect(rest.positions).toEqual(straight.positions.slice(stop));
    expect(rest.states.slice(0, 2)).toEqual([`preparing ${stop}`, `paused ${stop}`]);
  }
});

test('an edit is in the position that is taken after it, before any step has seen it', async () => {
  const { positions } = await go(null, 3, byHand);
  const at = positions[2];
  expect([...(at?.gates.values.slice(0, 4) ?? [])]).toEqual([0, 1.5, Math.fround(0.3), Math.fround(0.9)]);
  expect([...(at?.touched.slice(0, 5) ?? [])]).toEqual([1, 1, 1, 1, 0]);
  // The step after it has reset the age of the free ones; the locked ones were not stepped.
  expect([...(positions[3]?.optimiser.ages.slice(0, 5) ?? [])]).toEqual([0, 0, 1, 1, 3]);
});

test('in the middle of a step it is the position after the step before', async () => {
  const { run, midway, events, live } = setUp(null, Infinity);
  const taken: (RunPosition | null)[] = [];
  midway.call = () => void taken.push(run.position());
  await run.run();
  const finished = live.field();
  expect(taken).toHaveLength(steps);
  expect(taken.map((position) => position?.step)).toEqual(Array.from({ length: steps }, (_, i) => i));
  expect(events.at(-1)).toMatchObject({ state: 'finished', step: steps });

  const rest = setUp(structuredClone(taken[17] ?? null), Infinity);
  await rest.run.run();
  expect(rest.live.field()).toEqual(finished);
});

test('an edit during the second preparation is one of the run’s', async () => {
  const { positions } = await go(null, 6);
  const edit: GateEdit = { indices: Uint32Array.of(4), values: Float32Array.of(0.125), locks: null };
  const after = await go(positions[5] ?? null, 6, { 5: edit });
  const during = setUp(positions[5] ?? null, 5);
  const ended = during.run.run();
  during.live.edit(9, edit, 1.5);
  await during.run.pause();
  await during.run.step(1);
  expect(during.run.position()).toEqual(after.positions[1]);
  during.run.stop();
  await ended;
});

test('where the next loss is not finite, the gates go back to those that the run stopped with had', async () => {
  const { positions } = await go(null, 6);
  const { run, spoiling, live } = setUp(positions[6] ?? null, Infinity);
  spoiling.loss = NaN;
  await expect(run.run()).rejects.toMatchObject({ code: 'bad-request', details: { step: 7 } });
  expect(live.values).toEqual(positions[5]?.gates.values);
});

test('there is none before the first preparation is done; one at the last step ends at once', async () => {
  const { run } = setUp();
  expect(run.position()).toBeNull();
  const ended = run.run();
  expect(run.position()).toBeNull();
  await run.pause();
  expect(run.position()).toMatchObject({ step: 0, lastFinite: null, losses: null });
  await run.step(steps);
  await ended;
  const last = run.position();
  expect(last?.step).toBe(steps);
  const again = setUp(last, Infinity);
  await again.run.run();
  expect(again.events.map((event) => event.type === 'state' && event.state)).toEqual([
    'preparing',
    'running',
    'finished',
  ]);
  expect(again.live.field()).toEqual(last?.gates);
});
