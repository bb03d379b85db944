/** The engine in a Web Worker: exposes it, and nothing else. */
import { startBackend } from './backend/start.ts';
import { browserHost } from './backend/host.browser.ts';
import { browserOutput } from './engine/browserOutput.ts';
import { exposeEngine } from './engine/border.ts';
import { createEngine } from './engine/createEngine.ts';
import { manifestAt } from './engine/manifestUrl.ts';
import { createHub } from './io/hub/hub.ts';
import { memoryCache } from './io/memory-cache.ts';
import { openOpfsCache } from './io/opfs-cache.ts';

/** Not awaited: calls must find their listener as soon as this module has run. */
const cache = openOpfsCache().then((opened) => opened ?? memoryCache());
/** What was downloaded an hour ago makes place for what is downloaded now. */
const downloads = openOpfsCache('hub', { maxBytes: 64 * 2 ** 30, freshMs: 3_600_000 }).then((opened) => opened ?? memoryCache());

exposeEngine(
  createEngine({ startBackend: (choice) => startBackend(choice, browserHost()), openManifest: manifestAt, openHub: createHub({ store: downloads }), openOutput: browserOutput, cache }),
  self,
);
