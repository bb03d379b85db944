/**
 * The whole engine in Node on the demo trio: open, distil, edit by hand, measure, ask, export, open the
 * export again.
 */
import * as tf from '@tensorflow/tfjs-core';
import { expect, test, vi } from 'vitest';
import type { AnswerEvent, Progress, RunEvent } from '../../protocol/events.ts';
import { smallDemoItems } from '../../test/small-demo.ts';
import { recordDeviceFailure } from '../backend/failure.ts';
import { nodeHost } from '../backend/host.node.ts';
import { startBackend } from '../backend/start.ts';
import { nodeDirectory } from '../io/folders/directory.node.ts';
import { createEngine } from './create-engine.ts';
import { Mutex } from './mutex.ts';
import {
  demo,
  cache,
  openOutput,
  makeEngine,
  nothing,
  source,
  engine,
  session,
  opening,
  exampleImage,
  small,
} from './testing/demo-engine.node.ts';

test('opens the demo: pairs it, decomposes every layer, says what can be done', () => {
  expect(session.slots).toHaveLength(28);
  expect(session.layout.size).toBe(28 * 128);
  const spectra = opening.flatMap((event) => (event.type === 'spectrum' ? [event.spectrum] : []));
  expect(spectra.map(({ slot }) => slot)).toEqual(session.slots.map((_, i) => i));
  expect(
    spectra.every(({ singularValues, measures }) => singularValues.length === 128 && measures.noiseEdge > 0),
  ).toBe(true);
  const stages = opening.flatMap((event) => (event.type === 'progress' ? [event.progress] : []));
  // No stage begins at its end: the first report of each comes before its work.
  expect(stages.filter(({ stage }, i) => stage !== stages[i - 1]?.stage)).toMatchObject([
    { stage: 'Opening models', done: 0, total: 3, etaMs: null },
    { stage: 'Decomposing layers', done: 0, total: 28, etaMs: null },
  ]);
  expect(opening.findLast((event) => event.type === 'progress')).toMatchObject({
    progress: { stage: 'Decomposing layers', done: 28, total: 28, unit: 'matrices', etaMs: 0 },
  });
  expect(session.forward).toMatchObject({
    available: true,
    calibrationItems: smallDemoItems,
    perceptionItems: smallDemoItems,
    reasoningItems: smallDemoItems,
    secondTeacher: true,
  });
  expect(session.gates.values.every((gate) => gate === 0.5)).toBe(true);
});

test('runs with both teachers, keeps what a hand set mid-run, and gives every tensor back', async () => {
  const events: RunEvent[] = [];
  let running: Promise<void> | null = null;
  const edited = new Promise<void>((resolve, reject) => {
    const onEvent = (event: RunEvent) => {
      events.push(event);
      if (
        event.type === 'step' &&
        event.step >= 1 &&
        !events.slice(0, -1).some(({ type }) => type === 'step')
      ) {
        void engine
          .setGates(5, {
            indices: Uint32Array.of(0, 1, 200),
            values: Float32Array.of(0, 0.3, 1),
            locks: Uint8Array.of(1, 1, 1),
          })
          .then(resolve);
      }
    };
    running = engine.distill('run', small({ beta: 0.5, gamma: 0.5, steps: 6 }), onEvent);
    running.catch(reject);
  });
  await edited;
  await running;
  expect(events.at(-1)).toMatchObject({ type: 'state', state: 'finished', step: 6 });
  const { values, locks } = await engine.gates();
  expect([values[0], values[1], values[200]]).toEqual([0, Math.fround(0.3), 1]);
  expect([locks[0], locks[1], locks[200], locks[2]]).toEqual([1, 1, 1, 0]);
  expect(values.some((gate, i) => !locks[i] && gate !== 0.5)).toBe(true);
  const last = events.findLast((event) => event.type === 'step');
  expect(last).toMatchObject({
    step: 6,
    revision: 5,
    losses: { trace: expect.any(Number), composed: expect.any(Number) },
  });
  const stages = events.flatMap((event) => (event.type === 'progress' ? [event.progress] : []));
  expect(stages.map(({ stage }) => stage)).toContain('LRM answers');

  const before = tf.memory().numTensors;
  await engine.distill('again', small({ steps: 3 }), nothing);
  expect(tf.memory().numTensors).toBe(before);
});

test('measures the VLM and the merged model on a handful of items', async () => {
  const vlm = await engine.evaluate('e1', { kind: 'vlm' }, 6, nothing);
  expect([vlm.perception.total, vlm.reasoning.total]).toEqual([6, 6]);
  const same = await engine.evaluate('e2', { kind: 'merged', lambda: 1.2, gates: 0 }, 6, nothing);
  expect({ ...same, elapsedMs: 0 }).toEqual({ ...vlm, elapsedMs: 0 });
  const before = tf.memory().numTensors;
  await engine.evaluate('e3', { kind: 'merged', lambda: 1, gates: 1 }, 6, nothing);
  expect(tf.memory().numTensors).toBe(before);
});

test('each stage of a preparation is told when it begins, and goes on from there', async () => {
  await engine.open('anew', source, nothing);
  const stages = new Map<string, number[]>();
  const running = engine.distill('told', small({ steps: 1 }), (event) => {
    if (event.type !== 'progress') return;
    const { stage, done } = event.progress;
    stages.set(stage, [...(stages.get(stage) ?? []), done]);
  });
  await running;
  expect([...stages.keys()]).toEqual(
    expect.arrayContaining([
      'Loading the VLM',
      'Looking at images',
      'VLM answers',
      'VLM distributions',
      'Loading the factors',
    ]),
  );
  for (const [stage, done] of stages) {
    expect([stage, done[0]]).toEqual([stage, 0]);
    expect([stage, done]).toEqual([stage, [...done].sort((a, b) => a - b)]);
  }
});

test('answers a question three ways, during a paused run as well', async () => {
  const running = engine.distill('run', small({ steps: 50 }), nothing);
  await engine.pause();
  const events: AnswerEvent[] = [];
  const { vlm, lrm, merged } = await engine.answer(
    'a',
    {
      image: exampleImage(),
      question: 'solve',
      lambda: 1.2,
      gates: (await engine.gates()).values,
      maxTokens: 6,
    },
    (event) => events.push(event),
  );
  // One model after another, each from its first token on to the very answer that is returned.
  const said = events.filter((event) => event.type === 'said');
  expect([...new Set(events.map(({ who }) => who))]).toEqual(['vlm', 'lrm', 'merged']);
  for (const [who, answer] of [
    ['vlm', vlm],
    ['lrm', lrm],
    ['merged', merged],
  ] as const) {
    const own = said.filter((event) => event.who === who);
    expect(own[0]).toMatchObject({ text: '', tokens: 0, ended: false });
    expect(own.at(-1)).toMatchObject({ text: answer.text, tokens: answer.tokens, ended: true });
  }
  expect([vlm.tokens, lrm.tokens, merged.tokens].every((count) => count <= 6)).toBe(true);
  expect(lrm.prompt.endsWith('solve')).toBe(true);
  await engine.stop();
  await running;
});

test('weights are loaded with progress in bytes, once; opening again gives the old ones back', async () => {
  const loaded = async (job: string) => {
    const stages: Progress[] = [];
    await engine.evaluate(job, { kind: 'vlm' }, 1, (progress) => stages.push(progress));
    return stages.filter(({ stage }) => stage === 'Loading the VLM');
  };
  const before = tf.memory().numTensors;
  await engine.open('again', source, nothing);
  expect(tf.memory().numTensors).toBeLessThan(before);
  const first = await loaded('l1');
  expect(first[0]).toMatchObject({ unit: 'bytes' });
  expect(first.map(({ done }) => done)).toEqual(first.map(({ done }) => done).sort((a, b) => a - b));
  expect(first.at(-1)?.done).toBeLessThanOrEqual(first.at(-1)?.total ?? 0);
  const full = tf.memory().numTensors;
  expect(await loaded('l2')).toEqual([]);
  await engine.open('and again', source, nothing);
  await loaded('l3');
  expect(tf.memory().numTensors).toBe(full);
});

test('a failed or cancelled open leaves the session usable', async () => {
  await expect(engine.open('bad', { kind: 'manifest', url: `${demo}/vlm` }, nothing)).rejects.toMatchObject({
    code: 'missing',
  });
  const cancelled = engine.open('late', source, (event) => {
    if (event.type === 'spectrum') void engine.cancel('late');
  });
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  expect((await engine.gates()).values).toHaveLength(session.layout.size);
});

/** Until somebody who can be cancelled asks for the device. */
const waitsForDevice = () =>
  new Promise<void>((resolve) => {
    const { run } = Mutex.prototype;
    const asked = vi.spyOn(Mutex.prototype, 'run').mockImplementation(function (this: Mutex, body, signal) {
      const turn = run.call(this, body, signal);
      if (signal) {
        asked.mockRestore();
        resolve();
      }
      return turn;
    });
  });

test('cancelled while it waits for the device, open leaves at once and the session stays', async () => {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let held = 0;
  const other = createEngine({
    startBackend: async (choice) => {
      if (held++ > 0) await released;
      return startBackend(choice, nodeHost());
    },
    openManifest: (url) => ({ folder: nodeDirectory(url), file: 'manifest.json' }),
    openOutput,
    cache,
  });
  await other.connect('wasm');
  await other.open('first', source, nothing);
  await other.setGates(1, { indices: Uint32Array.of(0), values: Float32Array.of(0.25), locks: null });
  const connecting = other.connect('wasm');
  const opening = other.open('second', source, nothing);
  await waitsForDevice();
  await other.cancel('second');
  await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
  release();
  await connecting;
  expect((await other.gates()).values[0]).toBe(0.25);
});

test('refuses what cannot be', async () => {
  await expect(
    engine.setGates(9, { indices: Uint32Array.of(9_999_999), values: Float32Array.of(1), locks: null }),
  ).rejects.toMatchObject({ code: 'bad-request' });
  await expect(engine.distill('d', small({ lambda: NaN }), nothing)).rejects.toMatchObject({
    code: 'bad-request',
  });
  await expect(
    engine.evaluate('e', { kind: 'merged', lambda: 1, gates: new Float32Array(3) }, 1, nothing),
  ).rejects.toMatchObject({ code: 'bad-request' });
  await expect(makeEngine().gates()).rejects.toMatchObject({ code: 'bad-request' });
});

test('a failed device is said to have failed; connecting again mends the session', async () => {
  recordDeviceFailure('The graphics device was lost (test).');
  await expect(
    engine.answer(
      'a',
      { image: exampleImage(), question: 'read', lambda: 1, gates: 0.5, maxTokens: 3 },
      () => undefined,
    ),
  ).rejects.toMatchObject({ code: 'device', retryable: true });
  await engine.connect('wasm');
  const { vlm } = await engine.answer(
    'a',
    {
      image: exampleImage(),
      question: 'read',
      lambda: 1,
      gates: 0.5,
      maxTokens: 3,
    },
    () => undefined,
  );
  expect(vlm.tokens).toBeLessThanOrEqual(3);
});
