/** A thread of Node that decomposes: svd.worker.ts with a directory for a cache. */
import { parentPort, workerData } from 'node:worker_threads';
import { directoryFactorCache } from './io/cache/directory-factor-cache.node.ts';
import { kernelVersion } from './kernels/svd/svd.ts';
import { serveSvd, type ToWorker } from './pool/serve.ts';
import type { SvdThreadData } from './pool/thread.node.ts';

const { cacheDirectory, cacheLimitBytes } = workerData as SvdThreadData;
const port = parentPort;
if (!port) throw new Error('This runs as a thread only.');
serveSvd(
  {
    onMessage: (listener) => port.on('message', (message: ToWorker) => listener(message)),
    send: (message, transfer) => port.postMessage(message, transfer),
  },
  Promise.resolve(
    cacheDirectory === null
      ? null
      : directoryFactorCache(cacheDirectory, { version: kernelVersion, limitBytes: cacheLimitBytes }),
  ),
);
