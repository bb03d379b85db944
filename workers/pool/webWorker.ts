/** A Web Worker (workers/svd.worker.ts) as the pool sees it. */
import { buffersOfRequest, type SvdMessage, type SvdReply, type SvdWorkerLike } from './contract.ts';

export function webSvdWorker(worker: Worker): SvdWorkerLike {
  return {
    listen(onReply, onDeath) {
      worker.addEventListener('message', ({ data }: MessageEvent<SvdReply>) => onReply(data));
      worker.addEventListener('error', (event) => onDeath(event.message || 'it could not be started or could not go on'));
      worker.addEventListener('messageerror', () => onDeath('a message could not be read'));
    },
    post(id, request) {
      const message: SvdMessage = { id, request };
      worker.postMessage(message, buffersOfRequest(request));
    },
    terminate: () => worker.terminate(),
  };
}
