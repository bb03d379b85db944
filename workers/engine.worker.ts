/** The engine in a Web Worker: exposes it, and nothing else. */
import { startBackend } from './backend/start.ts';
import { browserHost } from './backend/host.browser.ts';
import { browserOutput } from './engine/browserOutput.ts';
import { exposeEngine } from './engine/border.ts';
import { createEngine } from './engine/createEngine.ts';
import { manifestAt } from './engine/manifestUrl.ts';
import { memoryCache } from './io/memory-cache.ts';
import { openOpfsCache } from './io/opfs-cache.ts';
import { kernelVersion } from './kernels/svd/svd.ts';
import { webSvdWorker } from './pool/webWorker.ts';

/** Not awaited: calls must find their listener as soon as this module has run. Without storage, factors are held for the session alone. */
const cache = openOpfsCache({ version: kernelVersion }).then((opened) => opened ?? memoryCache());

const spawnSvdWorker = () => webSvdWorker(new Worker(new URL('./svd.worker.ts', import.meta.url), { type: 'module', name: 'svd' }));

exposeEngine(
  createEngine({ startBackend: (choice) => startBackend(choice, browserHost()), openManifest: manifestAt, openOutput: browserOutput, cache, spawnSvdWorker }),
  self,
);
