/** A thread of Node (workers/svd.thread.node.ts, bundled to JavaScript) as the pool sees it. */
import { Worker } from 'node:worker_threads';
import { buffersOfRequest, type SvdMessage, type SvdReply, type SvdWorkerLike } from './contract.ts';

/** What the thread is told at its start. */
export interface SvdThreadData {
  /** Of the factor cache; null: nothing is cached. */
  readonly cacheDirectory: string | null;
  readonly cacheLimitBytes: number;
}

/** @param entry the bundled svd.thread.node.ts */
export function threadSvdWorker(entry: string | URL, workerData: SvdThreadData): SvdWorkerLike {
  const worker = new Worker(entry, { workerData });
  return {
    listen(onReply, onDeath) {
      worker.on('message', (reply: SvdReply) => onReply(reply));
      worker.on('error', ({ message }) => onDeath(message));
      worker.on('messageerror', () => onDeath('a message could not be read'));
      worker.on('exit', (code) => onDeath(`it ended with code ${code}`));
    },
    post(id, request) {
      const message: SvdMessage = { id, request };
      worker.postMessage(message, buffersOfRequest(request));
    },
    terminate: () => void worker.terminate(),
  };
}
