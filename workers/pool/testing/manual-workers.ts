/** For tests of scheduling: workers that answer when they are told to, and a pool of them with a note of what happens. */
import { StudioError } from '../../../core/errors.ts';
import type { SvdOutcome, SvdReply, SvdRequest, SvdWorkerLike } from '../contract.ts';
import { SvdPool, type PoolTask } from '../svd-pool.ts';

const outcome = (key: string): SvdOutcome => ({
  kind: 'exact',
  key,
  s: new Float32Array(1),
  cached: false,
  stored: true,
  vectors: null,
  by: 'kernel',
  computeMs: 1,
});
export const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

class ManualWorker implements SvdWorkerLike {
  readonly posted: { readonly id: number; readonly key: string }[] = [];
  terminated = false;
  #onReply: (reply: SvdReply) => void = () => undefined;
  #onDeath: (cause: string) => void = () => undefined;

  listen(onReply: (reply: SvdReply) => void, onDeath: (cause: string) => void): void {
    this.#onReply = onReply;
    this.#onDeath = onDeath;
  }
  post(id: number, { key }: SvdRequest): void {
    this.posted.push({ id, key: key ?? '' });
  }
  terminate(): void {
    this.terminated = true;
  }
  get keys(): string {
    return this.posted.map(({ key }) => key).join('');
  }
  /** Answers the oldest request. */
  answer(): void {
    const { id, key } = this.posted.shift() as { id: number; key: string };
    this.#onReply({ id, outcome: outcome(key) });
  }
  fail(error: StudioError): void {
    const { id } = this.posted.shift() as { id: number };
    this.#onReply({ id, error: { code: error.code, message: error.message, retryable: false, details: {} } });
  }
  die(): void {
    this.#onDeath('out of memory');
  }
}

interface Bench {
  readonly pool: SvdPool;
  readonly workers: ManualWorker[];
  readonly done: string[];
  readonly loaded: string[];
  task(key: string, sizes?: { readonly peak?: number; readonly input?: number }): PoolTask;
}

export function bench(count: number, budgetBytes = 1000): Bench {
  const workers: ManualWorker[] = [];
  const done: string[] = [];
  const loaded: string[] = [];
  const pool = new SvdPool({
    spawn: () => {
      const worker = new ManualWorker();
      workers.push(worker);
      return worker;
    },
    workers: count,
    budgetBytes,
  });
  const empty = () => ({ dtype: 'F32' as const, bytes: new Uint8Array(0) });
  return {
    pool,
    workers,
    done,
    loaded,
    task: (key, { peak = 1, input = 0 } = {}) => ({
      label: key,
      inputBytes: input,
      peakBytes: peak,
      async load() {
        loaded.push(key);
        return { rows: 1, cols: 1, tau: { kind: 'difference' as const, base: empty(), lrm: empty() }, key };
      },
      task: () => ({ kind: 'look', preview: 1 }),
      done: () => void done.push(key),
      explain: (error) => new StudioError(error.code, `${key}: ${error.message}`),
    }),
  };
}
