/**
 * The worker's end of the line between page and engine. Errors leave as plain values with their code,
 * arrays in results and events are moved instead of copied, and callbacks answer over the worker's own
 * channel. A heartbeat says that the thread is there and hears.
 */
import * as Comlink from 'comlink';
import type { EngineApi } from '../../protocol/engine.ts';
import { onDeviceFailure } from '../backend/failure.ts';
import {
  buffersOf,
  heartbeatMs,
  toPlainError,
  type CallbackMessage,
  type DeviceFailedMessage,
  type HeartbeatMessage,
} from '../../protocol/wire.ts';

interface ThrownValue {
  readonly value: unknown;
}

export function exposeEngine(engine: EngineApi, endpoint: Comlink.Endpoint): void {
  const thrown = Comlink.transferHandlers.get('throw');
  if (thrown) {
    Comlink.transferHandlers.set('throw', {
      ...thrown,
      serialize: (wrapped: unknown) => [toPlainError((wrapped as ThrownValue).value), []],
    });
  }
  Comlink.transferHandlers.set('callback', {
    // Functions only come in here; results never hold one.
    serialize: () => {
      throw new TypeError('An engine result cannot hold a function.');
    },
    ...Comlink.transferHandlers.get('callback'),
    canHandle: (value): value is never => typeof value === 'function',
    deserialize: (wire: unknown) => (value: unknown) => {
      const message: CallbackMessage = { callback: (wire as { readonly callback: number }).callback, value };
      endpoint.postMessage(message, [...buffersOf(value)]);
    },
  });
  Comlink.expose(moving(engine), endpoint);
}

/** Begins at once: the page waits for the first one while the worker's code is being fetched. */
export function beat(endpoint: Comlink.Endpoint): void {
  const message: HeartbeatMessage = { heartbeat: true };
  endpoint.postMessage(message);
  setInterval(() => endpoint.postMessage(message), heartbeatMs);
}

/**
 * The same start, after which failures of the device are said over the endpoint. One that fails while it starts is
 * the start's own affair, which may go on with another device.
 */
export function tellingFailures<Choice, Report>(
  start: (choice: Choice) => Promise<Report>,
  endpoint: Pick<Comlink.Endpoint, 'postMessage'>,
): (choice: Choice) => Promise<Report> {
  return async (choice) => {
    onDeviceFailure(null);
    const report = await start(choice);
    onDeviceFailure((failure) => {
      const message: DeviceFailedMessage = { deviceFailed: toPlainError(failure) };
      endpoint.postMessage(message);
    });
    return report;
  };
}

/** The same engine, its results marked for transfer. */
function moving(engine: EngineApi): EngineApi {
  return new Proxy(engine, {
    get: (target, name: keyof EngineApi) => {
      const method = target[name] as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        const result = await method.apply(target, args);
        return typeof result === 'object' && result !== null
          ? Comlink.transfer(result, [...buffersOf(result)])
          : result;
      };
    },
  });
}
