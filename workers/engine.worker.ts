/** The engine in a Web Worker: exposes it, says that it is there, and nothing else. */
import { startBackend } from './backend/start.ts';
import { browserHost } from './backend/host.browser.ts';
import { browserOutput } from './engine/exporting/browser-output.ts';
import type { BackendChoice } from '../protocol/engine.ts';
import { beat, exposeEngine, tellingFailures } from './engine/worker-endpoint.ts';
import { createEngine } from './engine/create-engine.ts';
import { manifestAt } from './engine/opening/manifest-url.ts';
import { createHub } from './io/hub/hub.ts';
import { browserCodecs } from './io/images/codec-places.browser.ts';
import { imageDecoder } from './io/images/decode-image.ts';
import { memoryCache } from './io/cache/memory-cache.ts';
import { memoryFactorCache } from './io/cache/memory-factor-cache.ts';
import { openOpfsCache } from './io/cache/opfs-cache.ts';
import { openOpfsFactorCache } from './io/cache/opfs-factor-cache.ts';
import { removeAbandonedArchives } from './io/output/archive-output.ts';
import { kernelVersion } from './kernels/svd/svd.ts';
import type { DeviceVisits } from './kernels/svdgpu/visits.ts';
import { webSvdWorker } from './pool/web-worker.ts';

/**
 * Not awaited: calls must find their listener as soon as this module has run. Without storage, factors are
 * held for the session alone.
 */
const cache = openOpfsFactorCache({ version: kernelVersion }).then((opened) => opened ?? memoryFactorCache());
/** What was downloaded an hour ago makes place for what is downloaded now. */
const downloads = openOpfsCache('hub', { maxBytes: 64 * 2 ** 30, freshMs: 3_600_000 }).then(
  (opened) => opened ?? memoryCache(),
);
const spawnSvdWorker = (device: DeviceVisits | null) =>
  webSvdWorker(
    new Worker(new URL('./svd.worker.ts', import.meta.url), { type: 'module', name: 'svd' }),
    device,
  );

exposeEngine(
  createEngine({
    startBackend: tellingFailures((choice: BackendChoice) => startBackend(choice, browserHost()), self),
    openManifest: manifestAt,
    openHub: createHub({ store: downloads }),
    decodeImage: imageDecoder(browserCodecs()),
    openOutput: browserOutput,
    cache,
    spawnSvdWorker,
  }),
  self,
);
beat(self);
void removeAbandonedArchives();
