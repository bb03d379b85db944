/** A Web Worker (workers/svd.worker.ts) as the pool sees it. */
import type { DeviceVisits } from '../kernels/svdgpu/visits.ts';
import { buffersOfRequest, type SvdWorkerLike } from './contract.ts';
import { answerOf, buffersOfAnswer } from './device-ask.ts';
import type { FromWorker, ToWorker } from './serve.ts';

/** @param device what it may ask for, where a task says so */
export function webSvdWorker(worker: Worker, device: DeviceVisits | null = null): SvdWorkerLike {
  const send = (message: ToWorker, moved: ArrayBuffer[]): void => worker.postMessage(message, moved);
  return {
    listen(onReply, onDeath) {
      worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
        if (!('ask' in data)) onReply(data);
        else void answerOf(device, data).then((answer) => send(answer, buffersOfAnswer(answer)));
      });
      worker.addEventListener('error', (event) =>
        onDeath(event.message || 'it could not be started or could not go on'),
      );
      worker.addEventListener('messageerror', () => onDeath('a message could not be read'));
    },
    post: (id, request) => send({ id, request }, buffersOfRequest(request)),
    terminate: () => worker.terminate(),
  };
}
