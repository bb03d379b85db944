/**
 * A Web Worker that decomposes: started by the engine's worker, as many as there are hardware threads to
 * spare.
 */
import { openOpfsFactorCache } from './io/cache/opfs-factor-cache.ts';
import { kernelVersion } from './kernels/svd/svd.ts';
import { serveSvd, type ToWorker } from './pool/serve.ts';

serveSvd(
  {
    onMessage: (listener) =>
      self.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => listener(data)),
    send: (message, transfer) => self.postMessage(message, { transfer }),
  },
  openOpfsFactorCache({ version: kernelVersion }),
);
