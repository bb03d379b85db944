/** A Web Worker that decomposes: started by the engine's worker, as many as there are hardware threads to spare. */
import { openOpfsFactorCache } from './io/opfs-factor-cache.ts';
import { kernelVersion } from './kernels/svd/svd.ts';
import type { SvdMessage } from './pool/contract.ts';
import { serveSvd } from './pool/serve.ts';

serveSvd(
  {
    onMessage: (listener) => self.addEventListener('message', ({ data }: MessageEvent<SvdMessage>) => listener(data)),
    send: (reply, transfer) => self.postMessage(reply, { transfer }),
  },
  openOpfsFactorCache({ version: kernelVersion }),
);
