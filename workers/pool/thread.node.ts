/** A thread of Node (workers/svd.thread.node.ts, bundled to JavaScript) as the pool sees it. */
import { Worker } from 'node:worker_threads';
import type { DeviceVisits } from '../kernels/svdgpu/visits.ts';
import { buffersOfRequest, type SvdWorkerLike } from './contract.ts';
import { answerOf, buffersOfAnswer } from './device-ask.ts';
import type { FromWorker, ToWorker } from './serve.ts';

/** What the thread is told at its start. */
export interface SvdThreadData {
  /** The directory of the factor cache; null where nothing is cached. */
  readonly cacheDirectory: string | null;
  readonly cacheLimitBytes: number;
}

/** @param entry the bundled svd.thread.node.ts */
export function threadSvdWorker(
  entry: string | URL,
  workerData: SvdThreadData,
  device: DeviceVisits | null = null,
): SvdWorkerLike {
  const worker = new Worker(entry, { workerData });
  const send = (message: ToWorker, moved: ArrayBuffer[]): void => worker.postMessage(message, moved);
  return {
    listen(onReply, onDeath) {
      worker.on('message', (message: FromWorker) => {
        if (!('ask' in message)) onReply(message);
        else void answerOf(device, message).then((answer) => send(answer, buffersOfAnswer(answer)));
      });
      worker.on('error', ({ message }) => onDeath(message));
      worker.on('messageerror', () => onDeath('a message could not be read'));
      worker.on('exit', (code) => onDeath(`it ended with code ${code}`));
    },
    post: (id, request) => send({ id, request }, buffersOfRequest(request)),
    terminate: () => void worker.terminate(),
  };
}
