/** A run of the demo that goes on in another engine, held to the run that never stopped, bit for bit. */
import { beforeAll, expect, test } from 'vitest';
import type { RunCheckpoint } from '../../../core/runs/run-checkpoint.ts';
import type { GateEdit } from '../../../core/gates/field.ts';
import type { DistillOptions } from '../../../core/objective/options.ts';
import type { Losses } from '../../../core/objective/terms.ts';
import type { EngineApi } from '../../../protocol/engine.ts';
import type { RunEvent } from '../../../protocol/events.ts';
import { engine, makeEngine, nothing, small, source } from '../testing/demo-engine.node.ts';

/** Another engine, with a session of its own. */
let other: EngineApi;

beforeAll(async () => {
  other = makeEngine();
  await other.connect('wasm');
  await other.open('open', source, nothing);
});

const options = (part: Partial<DistillOptions> = {}): DistillOptions =>
  small({ steps: 13, batchSize: 2, ...part });

interface Course {
  readonly losses: readonly Losses[];
  readonly notices: readonly string[];
  readonly states: readonly string[];
  /** At the step at which the course ends. */
  readonly checkpoint: RunCheckpoint;
}

/** Step by step up to `until`, with the edits before the step after the one they stand at. */
async function go(
  of: EngineApi,
  run: DistillOptions,
  from: RunCheckpoint | null,
  until: number,
  edits: Readonly<Record<number, GateEdit>> = {},
): Promise<Course> {
  const events: RunEvent[] = [];
  const first = from?.step ?? 0;
  const ended = of.distill('run', run, (event) => events.push(event), first, from);
  await of.pause();
  for (let step = first; step < until; step++) {
    const edit = edits[step];
    if (edit) await of.setGates(step + 1, edit);
    await of.step(1);
  }
  const checkpoint = await of.checkpoint();
  await of.stop();
  await ended;
  if (!checkpoint) throw new Error('there is no checkpoint');
  return {
    losses: events.flatMap((event) => (event.type === 'step' ? [event.losses] : [])),
    notices: events.flatMap((event) => (event.type === 'notice' ? [event.message] : [])),
    states: events.flatMap((event) => (event.type === 'state' ? [`${event.state} ${event.step}`] : [])),
    checkpoint,
  };
}

const halfOpen = async (of: EngineApi): Promise<void> => {
  const { values } = await of.gates();
  await of.setGates(1, {
    indices: Uint32Array.from(values.keys()),
    values: new Float32Array(values.length).fill(0.5),
    locks: new Uint8Array(values.length),
  });
};

const byHand: Readonly<Record<number, GateEdit>> = {
  2: {
    indices: Uint32Array.of(0, 1, 200),
    values: Float32Array.of(0, 0.3, 1),
    locks: Uint8Array.of(1, 0, 1),
  },
  5: { indices: Uint32Array.of(0, 300), values: Float32Array.of(0.7, 0.1), locks: Uint8Array.of(0, 0) },
  9: { indices: Uint32Array.of(200), values: null, locks: Uint8Array.of(0) },
};

test.each<[string, Partial<DistillOptions>, number | null, Readonly<Record<number, GateEdit>>]>([
  ['as the demo proposes it', {}, null, {}],
  ['with edits and locks by hand', {}, null, byHand],
  [
    'with a budget, a second teacher and the Jensen-Shannon divergence',
    { beta: 0.5, gamma: 0.5, divergence: 'js' },
    16,
    byHand,
  ],
  [
    'with a teacher’s most probable tokens past the end of an epoch',
    { teacherTopK: 8, batchSize: 9, steps: 5 },
    null,
    {},
  ],
])('five steps here and the rest in another engine, %s', async (_, part, budget, edits) => {
  const run = options(part);
  const until = run.steps - 1;
  const stop = Math.min(5, until - 1);
  for (const each of [engine, other]) {
    await each.setBudget('budget', budget);
    await halfOpen(each);
  }
  const straight = await go(engine, run, null, until, edits);
  await halfOpen(engine);
  const before = await go(engine, run, null, stop, edits);
  const rest = await go(other, run, structuredClone(before.checkpoint), until, edits);

  expect(straight.losses).toHaveLength(until);
  expect([...before.losses, ...rest.losses]).toEqual(straight.losses);
  expect(rest.states.slice(0, 2)).toEqual([`preparing ${stop}`, `paused ${stop}`]);
  expect(rest.notices).toEqual([]);
  expect({ ...rest.checkpoint, elapsedMs: 0 }).toEqual({ ...straight.checkpoint, elapsedMs: 0 });
  expect(rest.checkpoint.elapsedMs).toBeGreaterThan(before.checkpoint.elapsedMs);
  expect(rest.checkpoint.origin.budget).toBe(budget);
  expect((await other.gates()).values).toEqual(straight.checkpoint.gates.values);
});

test('from checkpoints that were taken while it ran, each to the end', async () => {
  const run = options({ steps: 6 });
  await engine.setBudget('budget', null);
  await other.setBudget('budget', null);
  await halfOpen(engine);
  const taken = new Map<number, RunCheckpoint>();
  let asking = true;
  const ask = async (): Promise<void> => {
    while (asking) {
      const checkpoint = await engine.checkpoint();
      if (checkpoint) taken.set(checkpoint.step, structuredClone(checkpoint));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const asked = ask();
  await engine.distill('run', run, nothing);
  asking = false;
  await asked;
  const finished = await engine.gates();
  expect(await engine.checkpoint()).toBeNull();
  expect(taken.size).toBeGreaterThan(1);
  for (const from of [...taken.values()].filter(({ step }) => step === 0 || step % 2 === 1)) {
    await halfOpen(other);
    await other.distill('run', run, nothing, Infinity, from);
    expect(await other.gates()).toEqual(finished);
  }
});

test('the recipe of a run that went on names the whole run', async () => {
  const run = options({ steps: 4 });
  await halfOpen(engine);
  const { checkpoint } = await go(engine, run, null, 2);
  await other.distill('run', run, nothing, Infinity, checkpoint);
  const recipe = JSON.parse(await other.recipe('recipe', { run, gates: await other.gates() }, nothing)) as {
    run: { steps: number };
  };
  expect(recipe.run.steps).toBe(4);
});
