/** The engine in a Web Worker: exposes it, and nothing else. */
import { startBackend } from './backend/start.ts';
import { browserHost } from './backend/host.browser.ts';
import { exposeEngine } from './engine/border.ts';
import { createEngine } from './engine/createEngine.ts';
import { manifestAt } from './engine/manifestUrl.ts';
import { memoryCache } from './io/memory-cache.ts';
import { openOpfsCache } from './io/opfs-cache.ts';
import { kernelVersion } from './kernels/svd/svd.ts';

/** Not awaited: calls must find their listener as soon as this module has run. */
const cache = openOpfsCache({ version: kernelVersion }).then((opened) => opened ?? memoryCache());

exposeEngine(createEngine({ startBackend: (choice) => startBackend(choice, browserHost()), openManifest: manifestAt, cache }), self);
