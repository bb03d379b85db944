import { afterEach, describe, expect, test } from 'vitest';
import { exposeEngine } from '../../workers/engine/worker-endpoint.ts';
import { StudioError } from '../../core/errors.ts';
import type { EngineApi } from '../../protocol/engine.ts';
import type { PlainError, RunEvent } from '../../protocol/events.ts';
import { createEngineClient, type WorkerLike } from './engine-client.ts';
import { createFakeEngine } from './fake-engine.ts';
import type { Quiet } from './watchdog.ts';

const ports: MessagePort[] = [];
afterEach(() => ports.splice(0).forEach((port) => port.close()));

/** A "worker" in this thread: the same structured clone and transfer, over a MessageChannel. */
function spawning(engine: () => EngineApi) {
  const spawned: (WorkerLike & {
    die: () => void;
    say: (message: unknown) => void;
    beat: () => Promise<void>;
    terminated: boolean;
  })[] = [];
  const spawn = (): WorkerLike => {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    exposeEngine(engine(), port2);
    port1.start();
    const dying = new EventTarget();
    const worker = {
      postMessage: (message: unknown, transfer: Transferable[] = []) => port1.postMessage(message, transfer),
      addEventListener: (type: string, listener: EventListenerOrEventListenerObject) =>
        (type === 'error' ? dying : port1).addEventListener(type, listener),
      removeEventListener: (type: string, listener: EventListenerOrEventListenerObject) =>
        port1.removeEventListener(type, listener),
      terminate: () => {
        worker.terminated = true;
        port1.close();
      },
      /** A heartbeat, and the turn in which it arrives. */
      beat: () => {
        port2.postMessage({ heartbeat: true });
        return new Promise<void>((resolve) =>
          port1.addEventListener('message', () => resolve(), { once: true }),
        );
      },
      say: (message: unknown) => port2.postMessage(message),
      die: () => dying.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' })),
      terminated: false,
    };
    spawned.push(worker);
    return worker;
  };
  return { spawn, spawned };
}
const demo = { kind: 'manifest', url: '/demo' } as const;

test('results, events and their arrays come across; all events arrive before the call ends', async () => {
  const { spawn } = spawning(() => createFakeEngine({ stepMs: 0 }));
  const client = createEngineClient(spawn);
  let spectra = 0;
  const session = await client.open('o', demo, (event) => {
    if (event.type === 'spectrum') spectra += event.spectrum.singularValues.length > 0 ? 1 : 0;
  });
  expect(spectra).toBe(session.slots.length);
  const events: RunEvent[] = [];
  await client.distill('d', { ...session.defaults, steps: 5 }, (event) => events.push(event));
  expect(events.at(-1)).toMatchObject({ type: 'state', state: 'finished' });
  const last = events.findLast((event) => event.type === 'step');
  expect(last?.type === 'step' && last.gates.length).toBe(session.layout.size);
  expect((await client.gates()).values).toBeInstanceOf(Float32Array);
  const { layout, gates } = await client.setBudget('b', 16);
  expect(gates.values).toHaveLength(layout.size);
  expect(layout.budget).toBe(16);
});

test('a checkpoint comes across whole, and a run goes on from it behind another worker', async () => {
  const { spawn } = spawning(() => createFakeEngine({ stepMs: 0 }));
  const client = createEngineClient(spawn);
  const { defaults, layout } = await client.open('o', demo, () => undefined);
  expect(await client.checkpoint()).toBeNull();
  const options = { ...defaults, steps: 6 };
  let paused = (): void => undefined;
  const atRest = new Promise<void>((resolve) => (paused = resolve));
  const hear = (event: RunEvent): void => {
    if (event.type === 'state' && event.state === 'paused') paused();
  };
  const ended = client.distill('d', options, hear, 2);
  await atRest;
  const checkpoint = await client.checkpoint();
  expect(checkpoint).toMatchObject({ step: 2, options });
  expect(checkpoint?.optimiser.second).toBeInstanceOf(Float64Array);
  expect(checkpoint?.gates.values).toHaveLength(layout.size);
  // What was moved to the page is not what the engine goes on with.
  expect(await client.checkpoint()).toEqual(checkpoint);
  await client.resume();
  await ended;
  const finished = await client.gates();

  const next = createEngineClient(spawn);
  await next.open('o', demo, () => undefined);
  const events: RunEvent[] = [];
  await next.distill('d', options, (event) => events.push(event), undefined, checkpoint);
  expect(events[0]).toMatchObject({ type: 'state', state: 'preparing', step: 2 });
  expect(events.flatMap((event) => (event.type === 'step' ? [event.step] : []))).toEqual([3, 4, 5, 6]);
  expect(await next.gates()).toEqual(finished);
});

test('an error keeps its code, details and sentence', async () => {
  const error = new StudioError('bad-file', 'base/model.safetensors: too short.', {
    retryable: true,
    details: { file: 'base/model.safetensors', value: 3 },
  });
  const { spawn } = spawning(() => createFakeEngine({ failing: { open: error } }));
  const thrown = await createEngineClient(spawn)
    .open('o', demo, () => undefined)
    .catch((e: unknown) => e);
  expect(thrown).toBeInstanceOf(StudioError);
  expect(thrown).toMatchObject({
    code: 'bad-file',
    message: error.message,
    retryable: true,
    details: error.details,
  });
});

test('a dying worker rejects what is pending, says so once, and the next call starts a fresh one', async () => {
  const { spawn, spawned } = spawning(() => createFakeEngine({ wait: () => new Promise(() => undefined) }));
  const client = createEngineClient(spawn);
  const died: StudioError[] = [];
  client.onDied((error) => died.push(error));
  const pending = client.open('o', demo, () => undefined);
  const also = client.gates();
  await also;
  spawned[0]?.die();
  await expect(pending).rejects.toMatchObject({
    code: 'device',
    retryable: true,
    message: expect.stringContaining('The compute worker stopped (out of memory)'),
  });
  expect(died).toHaveLength(1);
  expect(spawned[0]?.terminated).toBe(true);
  await expect(client.connect('auto')).resolves.toMatchObject({ backend: 'wasm' });
  expect(spawned).toHaveLength(2);
});

test('a device that failed is told apart from a worker that died, and ends what is pending', async () => {
  const { spawn, spawned } = spawning(() => createFakeEngine({ stepMs: 1000 }));
  const client = createEngineClient(spawn);
  const died: string[] = [];
  client.onDied(({ message }, what) => died.push(`${what}: ${message}`));
  const pending = client.open('o', demo, () => undefined);
  const error: PlainError = { code: 'device', message: 'It was lost (test).', retryable: true, details: {} };
  spawned[0]?.say({ deviceFailed: error });
  spawned[0]?.say({ deviceFailed: error });
  await expect(pending).rejects.toMatchObject({ ...error });
  expect(died).toEqual(['device: It was lost (test).']);
  expect(spawned[0]?.terminated).toBe(true);
  await client.connect('auto');
  expect(spawned).toHaveLength(2);
});

test('restart is a hard cancel', async () => {
  const { spawn, spawned } = spawning(() => createFakeEngine({ wait: () => new Promise(() => undefined) }));
  const client = createEngineClient(spawn);
  const pending = client.open('o', demo, () => undefined);
  client.restart();
  await expect(pending).rejects.toMatchObject({ code: 'cancelled' });
  expect(spawned[0]?.terminated).toBe(true);
});

/** A clock that a test moves on; what is called every few seconds is called as often as that takes. */
function handClock() {
  let nowMs = 0;
  const ticks = new Set<{ readonly ms: number; readonly tick: () => void; dueMs: number }>();
  return {
    clock: {
      now: () => nowMs,
      every(ms: number, tick: () => void) {
        const entry = { ms, tick, dueMs: nowMs + ms };
        ticks.add(entry);
        return () => void ticks.delete(entry);
      },
    },
    pass(ms: number): void {
      for (const endMs = nowMs + ms; nowMs < endMs;) {
        nowMs += 1000;
        for (const entry of [...ticks]) {
          if (nowMs < entry.dueMs) continue;
          entry.dueMs = nowMs + entry.ms;
          entry.tick();
        }
      }
    },
    /** The page did not run: its clock went on, and nothing was called. */
    sleep(ms: number): void {
      nowMs += ms;
    },
    get timers() {
      return ticks.size;
    },
  };
}

describe('a worker that is not heard of', () => {
  const hanging = () => createFakeEngine({ wait: () => new Promise(() => undefined) });

  test('is noticed while a call waits, and again heard of with its next message', async () => {
    const { spawn } = spawning(hanging);
    const time = handClock();
    const client = createEngineClient(spawn, time.clock);
    const quiets: Quiet[] = [];
    client.onQuiet((quiet) => quiets.push(quiet));
    void client.open('o', demo, () => undefined).catch(() => undefined);
    time.pass(65_000);
    expect(quiets.at(-1)).toEqual({ signMs: 65_000, wordMs: 65_000, pending: 1 });
    await client.gates();
    time.pass(5000);
    expect(quiets.at(-1)).toEqual({ signMs: 5000, wordMs: 5000, pending: 1 });
    client.restart();
    expect(time.timers).toBe(0);
  });

  test('a heartbeat is a sign and no word', async () => {
    const { spawn, spawned } = spawning(hanging);
    const time = handClock();
    const client = createEngineClient(spawn, time.clock);
    const quiets: Quiet[] = [];
    client.onQuiet((quiet) => quiets.push(quiet));
    void client.open('o', demo, () => undefined).catch(() => undefined);
    await client.gates();
    time.pass(30_000);
    await spawned[0]?.beat();
    time.pass(5000);
    expect(quiets.at(-1)).toEqual({ signMs: 5000, wordMs: 35_000, pending: 1 });
    client.restart();
  });

  test('one that has nothing to do and sends no heartbeat has ended; a page that slept knows nothing of it', async () => {
    const { spawn, spawned } = spawning(() => createFakeEngine({ stepMs: 0 }));
    const time = handClock();
    const client = createEngineClient(spawn, time.clock);
    const died: StudioError[] = [];
    client.onDied((error) => died.push(error));
    await client.connect('auto');
    time.sleep(3_600_000);
    time.pass(50_000);
    expect(died).toEqual([]);
    time.pass(20_000);
    expect(died).toMatchObject([
      { code: 'device', message: expect.stringContaining('it ended without a word') },
    ]);
    expect(spawned[0]?.terminated).toBe(true);
    expect(time.timers).toBe(0);
  });
});
