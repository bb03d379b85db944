/** The page's store over the engine of WebAssembly, in this process: as in a browser, but for the worker between them. */
import { createStudioStore } from '../../src/state/store.ts';
import { memoryShelves } from '../../test/memory-shelf.ts';
import { nodeHost } from '../../workers/backend/host.node.ts';
import { startBackend } from '../../workers/backend/start.ts';
import { createEngine } from '../../workers/engine/create-engine.ts';
import { memoryFactorCache } from '../../workers/io/cache/memory-factor-cache.ts';
import { nodeDirectory } from '../../workers/io/folders/directory.node.ts';
import { nodeCodecs } from '../../workers/io/images/codec-places.node.ts';
import { imageDecoder } from '../../workers/io/images/decode-image.ts';
import { archiveOutput } from '../../workers/io/output/archive-output.ts';
import type { Studio } from './rounds.ts';

const demo = 'public/models/demo';
/** Files that a person saved and may open again. */
const mostSaved = 6;

export async function realStudio(): Promise<Studio> {
  // The demo is found beside the page.
  Object.assign(globalThis, { document: { baseURI: 'http://localhost/' } });
  const engine = createEngine({
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openManifest: () => ({ folder: nodeDirectory(demo), file: 'manifest.json' }),
    openOutput: (_target, name) => archiveOutput(name),
    cache: memoryFactorCache(),
    decodeImage: imageDecoder(nodeCodecs()),
  });
  const saved: File[] = [];
  const store = createStudioStore(engine, {
    shelf: memoryShelves().tab('tab'),
    download(name, content) {
      saved.unshift(new File([content], name));
      saved.splice(mostSaved);
    },
  });
  await store.getState().begin();
  store.getState().setEvaluationItems(1);
  return { engine, now: store.getState, saved };
}
