/** The engine in a Web Worker: exposes it, and nothing else. */
import { startBackend } from './backend/start.ts';
import { browserHost } from './backend/host.browser.ts';
import { exposeEngine } from './engine/border.ts';
import { createEngine } from './engine/createEngine.ts';
import { manifestAt } from './engine/manifestUrl.ts';
import { memoryCache } from './io/memory-cache.ts';
import { openOpfsCache } from './io/opfs-cache.ts';
import type { FactorCache } from './io/contract.ts';

/** Opened at the first use: calls must find their listener as soon as this module has run. */
const stored = openOpfsCache().then((cache) => cache ?? memoryCache());
const cache: FactorCache = {
  get: async (key) => (await stored).get(key),
  put: async (key, bytes) => (await stored).put(key, bytes),
};

exposeEngine(createEngine({ startBackend: (choice) => startBackend(choice, browserHost()), openManifest: manifestAt, cache }), self);
