import { afterEach, expect, test } from 'vitest';
import { exposeEngine } from '../../workers/engine/worker-endpoint.ts';
import { StudioError } from '../../core/errors.ts';
import type { EngineApi } from '../../protocol/engine.ts';
import type { RunEvent } from '../../protocol/events.ts';
import { createEngineClient, type WorkerLike } from './engine-client.ts';
import { createFakeEngine } from './fake-engine.ts';

const ports: MessagePort[] = [];
afterEach(() => ports.splice(0).forEach((port) => port.close()));

/** A "worker" in this thread: the same structured clone and transfer, over a MessageChannel. */
function spawning(engine: () => EngineApi) {
  const spawned: (WorkerLike & { die: () => void; terminated: boolean })[] = [];
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

test('restart is a hard cancel', async () => {
  const { spawn, spawned } = spawning(() => createFakeEngine({ wait: () => new Promise(() => undefined) }));
  const client = createEngineClient(spawn);
  const pending = client.open('o', demo, () => undefined);
  client.restart();
  await expect(pending).rejects.toMatchObject({ code: 'cancelled' });
  expect(spawned[0]?.terminated).toBe(true);
});
