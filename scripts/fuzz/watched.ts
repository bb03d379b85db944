/**
 * Executions in a thread of their own, watched from outside: by the processor time that one takes and the memory that
 * the process holds. This thread waits meanwhile, so that both are the parser's.
 */
import { Worker } from 'node:worker_threads';
import type { Fault } from './execute.ts';
import type { Answer, Order, WorkerSetup } from './worker.ts';

/** Of processor time for one execution. */
const longestMs = 1000;
/** Of processor time before the first execution: compiling, loading, and a few sound inputs. */
const longestBeforeMs = 60_000;
/** That the process may hold beyond what it held when the thread had begun. */
const mostBytes = 500 * 2 ** 20;
const lookMs = 20;

export type Outcome =
  | { readonly kind: 'done' }
  /** Ended by the watch at this execution. */
  | { readonly kind: 'hang' | 'memory' | 'crash'; readonly index: number; readonly what: string };

export class WatchedThread {
  readonly #file: string;
  readonly #seed: number;
  #worker: Worker | null = null;
  #running = new Int32Array(new SharedArrayBuffer(4));

  constructor(file: string, seed: number) {
    this.#file = file;
    this.#seed = seed;
  }

  /** @param onFault is told of each fault as it comes */
  async run(order: Order, onFault: (fault: Fault, input: Uint8Array) => void): Promise<Outcome> {
    const worker = (this.#worker ??= this.#begin());
    const running = this.#running;
    Atomics.store(running, 0, 0);
    let seen = 0;
    let cpuMs = processorMs();
    let begunBytes = process.memoryUsage.rss();
    return new Promise((resolve) => {
      const end = (outcome: Outcome): void => {
        clearInterval(watch);
        // By name: without the listeners that Node set for itself, a thread is not heard any more.
        for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
        if (outcome.kind === 'done') resolve(outcome);
        else void this.end().then(() => resolve(outcome));
      };
      const stopped = (what: string) => end({ kind: 'crash', index: Math.max(order.from, seen - 1), what });
      worker.on('message', (answer: Answer) =>
        answer === null ? end({ kind: 'done' }) : onFault(answer.fault, answer.input),
      );
      worker.once('error', (error: Error) => stopped(`${error.name}: ${error.message}`));
      worker.once('exit', (code) => stopped(`the thread ended with code ${code}`));
      const watch = setInterval(() => {
        const current = Atomics.load(running, 0);
        const heldBytes = process.memoryUsage.rss();
        if (current !== seen) {
          if (seen === 0) begunBytes = heldBytes;
          seen = current;
          cpuMs = processorMs();
        }
        const tookMs = processorMs() - cpuMs;
        if (seen === 0) {
          if (tookMs > longestBeforeMs)
            end({ kind: 'hang', index: order.from, what: 'its sound inputs take more than a minute' });
          return;
        }
        const index = seen - 1;
        if (tookMs > longestMs)
          end({ kind: 'hang', index, what: `it took more than ${longestMs} ms of processor time` });
        else if (heldBytes - begunBytes > mostBytes)
          end({ kind: 'memory', index, what: `it took more than ${mostBytes / 2 ** 20} MiB` });
      }, lookMs);
      worker.postMessage(order);
    });
  }

  async end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    // What it still has to say about its end concerns nobody.
    worker?.on('error', () => undefined);
    await worker?.terminate();
  }

  #begin(): Worker {
    this.#running = new Int32Array(new SharedArrayBuffer(4));
    const workerData: WorkerSetup = { seed: this.#seed, running: this.#running.buffer as SharedArrayBuffer };
    return new Worker(this.#file, { workerData, resourceLimits: { maxOldGenerationSizeMb: 1024 } });
  }
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
