/**
 * The engine as the page sees it: every call goes to a worker and comes back as if it were local, errors with
 * their code.
 *
 * A worker can die (out of memory, a bug), or say that its device has failed, after which it is ended too. All calls then pending reject with "The compute
 * worker stopped", and the next call starts a fresh one, in which nothing is connected or open. A worker that
 * is too busy to hear `cancel` can be restarted. One that has ended without a word, or says nothing for long, is
 * noticed (`onQuiet`).
 */
import * as Comlink from 'comlink';
import { StudioError } from '../../core/errors.ts';
import type { EngineApi } from '../../protocol/engine.ts';
import type { PlainError } from '../../protocol/events.ts';
import type { TrioSource } from '../../protocol/session.ts';
import { fromPlainError, type CallbackMessage, type DeviceFailedMessage } from '../../protocol/wire.ts';
import { archiveLock, engineName } from '../../protocol/tab.ts';
import { pageClock, Watchdog, type Clock, type Quiet } from './watchdog.ts';

/** What is used of a Worker. */
export interface WorkerLike extends Comlink.Endpoint {
  terminate(): void;
}

export type EngineClient = EngineApi & {
  /** Hard cancel: pending calls reject as cancelled, everything loaded is gone; connect and open again. */
  restart(): void;
  /**
   * Called with what pending calls were rejected with, and what ended: the worker, or the device on which it computed.
   * Returns how to stop listening.
   */
  onDied(listener: DiedListener): () => void;
  /** Called every few seconds while there is a worker, with how long it has not been heard of. */
  onQuiet(listener: (quiet: Quiet) => void): () => void;
};

export type DiedListener = (error: StudioError, what: 'worker' | 'device') => void;

interface Connection {
  readonly worker: WorkerLike;
  readonly remote: Comlink.Remote<EngineApi>;
  /** Never resolves; rejects when the worker has stopped. */
  readonly ended: Promise<never>;
  readonly end: (error: StudioError) => void;
  readonly watchdog: Watchdog;
}

/** A worker that has nothing to do sends its heartbeat; one that does not for so long has ended. */
const idleDeathMs = 60_000;

let tab: string | null = null;

/** This tab has its archives until it ends, however often its worker does. */
function thisTab(): string {
  if (tab !== null) return tab;
  const made = (tab = crypto.randomUUID());
  if ('locks' in navigator)
    navigator.locks
      .request(archiveLock(made), () => new Promise<never>(() => undefined))
      .catch(() => undefined);
  return made;
}

const spawnWorker = (): WorkerLike =>
  new Worker(new URL('../../workers/engine.worker.ts', import.meta.url), {
    type: 'module',
    name: engineName(thisTab()),
  });

const methods = [
  'connect',
  'inspect',
  'layerSpectrum',
  'open',
  'setCalibration',
  'distill',
  'checkpoint',
  'pause',
  'resume',
  'step',
  'stop',
  'setGates',
  'gates',
  'setBudget',
  'setBasis',
  'evaluate',
  'answer',
  'decodeImage',
  'recipe',
  'figures',
  'restoreFigures',
  'vlmSample',
  'identify',
  'exportMerged',
  'exportMethod',
  'cancel',
  'suspend',
  'proceed',
] as const satisfies readonly (keyof EngineApi)[];

/** Callbacks that a pending call may still use, by number. */
const callbacks = new Map<number, (value: unknown) => void>();
let lastCallback = 0;

export function createEngineClient(
  spawn: () => WorkerLike = spawnWorker,
  clock: Clock = pageClock,
): EngineClient {
  installHandlers();
  const listeners = new Set<DiedListener>();
  const quietListeners = new Set<(quiet: Quiet) => void>();
  let connection: Connection | null = null;

  const connect = (): Connection => {
    const worker = spawn();
    let end: Connection['end'] = () => undefined;
    const ended = new Promise<never>((_, reject) => (end = reject));
    // Pending calls hear it; without any, nobody needs to.
    ended.catch(() => undefined);
    const watchdog = new Watchdog(clock, (quiet) => {
      if (quiet.pending === 0 && quiet.signMs > idleDeathMs) return die('it ended without a word');
      quietListeners.forEach((listener) => listener(quiet));
    });
    const made: Connection = { worker, remote: Comlink.wrap<EngineApi>(worker), ended, end, watchdog };
    const endAll = (error: StudioError, what: 'worker' | 'device') => {
      if (connection !== made) return;
      close(error);
      listeners.forEach((listener) => listener(error, what));
    };
    const die = (cause: string) =>
      endAll(
        new StudioError('device', `The compute worker stopped (${cause}). Restart compute to go on.`, {
          retryable: true,
        }),
        'worker',
      );
    worker.addEventListener('error', (event) =>
      die(('message' in event && String(event.message)) || 'it could not go on'),
    );
    worker.addEventListener('messageerror', () => die('a message could not be read'));
    worker.addEventListener('message', (event) => {
      const { data } = event as MessageEvent<unknown>;
      watchdog.heard(isHeartbeat(data) ? 'heartbeat' : 'word');
      const failed = deviceFailureOf(data);
      if (failed) endAll(fromPlainError(failed), 'device');
      else deliver(data);
    });
    return made;
  };

  const close = (error: StudioError) => {
    const closing = connection;
    connection = null;
    closing?.watchdog.end();
    closing?.worker.terminate();
    closing?.end(error);
  };

  const call = async (method: (typeof methods)[number], args: readonly unknown[]): Promise<unknown> => {
    const { remote, ended, watchdog } = (connection ??= connect());
    const first = lastCallback;
    watchdog.called();
    try {
      const remoteMethod = remote[method] as unknown as (...args: readonly unknown[]) => Promise<unknown>;
      const pending = remoteMethod(...args);
      const last = lastCallback;
      return await Promise.race([pending, ended]).finally(() => {
        for (let id = first + 1; id <= last; id++) callbacks.delete(id);
      });
    } catch (thrown) {
      if (thrown instanceof StudioError) throw thrown;
      throw new StudioError('internal', thrown instanceof Error ? thrown.message : String(thrown), {
        cause: thrown,
      });
    } finally {
      watchdog.answered();
    }
  };

  const api = Object.fromEntries(
    methods.map((method) => [method, (...args: unknown[]) => call(method, args)]),
  ) as unknown as EngineApi;
  return {
    ...api,
    inspect: (job, source, onProgress) => api.inspect(job, fromPage(source), onProgress),
    layerSpectrum: (job, source, slot, onProgress) =>
      api.layerSpectrum(job, fromPage(source), slot, onProgress),
    open: (job, source, onEvent) => api.open(job, fromPage(source), onEvent),
    restart: () => close(new StudioError('cancelled', 'The compute worker was restarted.')),
    onDied: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onQuiet: (listener) => {
      quietListeners.add(listener);
      return () => quietListeners.delete(listener);
    },
  };
}

/** The worker's own address is not the page's, so a relative URL is resolved here. */
function fromPage(source: TrioSource): TrioSource {
  if (source.kind !== 'manifest' || typeof document === 'undefined') return source;
  return { ...source, url: new URL(source.url, document.baseURI).href };
}

const isHeartbeat = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && 'heartbeat' in data;

const deviceFailureOf = (data: unknown): PlainError | null =>
  typeof data === 'object' && data !== null && 'deviceFailed' in data
    ? (data as DeviceFailedMessage).deviceFailed
    : null;

function deliver(data: unknown): void {
  if (typeof data !== 'object' || data === null || !('callback' in data)) return;
  const { callback, value } = data as CallbackMessage;
  callbacks.get(callback)?.(value);
}

function installHandlers(): void {
  const thrown = Comlink.transferHandlers.get('throw');
  if (thrown) {
    Comlink.transferHandlers.set('throw', {
      ...thrown,
      deserialize: (error: PlainError) => {
        throw fromPlainError(error);
      },
    });
  }
  Comlink.transferHandlers.set('callback', {
    deserialize: () => {
      throw new TypeError('The engine sent a function.');
    },
    ...Comlink.transferHandlers.get('callback'),
    canHandle: (value): value is (value: unknown) => void => typeof value === 'function',
    serialize: (callback: unknown) => {
      callbacks.set(++lastCallback, callback as (value: unknown) => void);
      return [{ callback: lastCallback }, []];
    },
  });
}
