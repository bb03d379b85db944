/**
 * The studio's engine in this process. It computes on WebAssembly and keeps factors in a directory between
 * calls.
 */
import { existsSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StudioError } from '../core/errors.ts';
import type { EngineApi, ExportTarget } from '../protocol/engine.ts';
import type { BlobLike, FolderSource, PartSource, TrioSource } from '../protocol/session.ts';
import { nodeHost } from '../workers/backend/host.node.ts';
import { startBackend } from '../workers/backend/start.ts';
import { createEngine } from '../workers/engine/create-engine.ts';
import { directoryFactorCache } from '../workers/io/cache/directory-factor-cache.node.ts';
import { directoryOutput } from '../workers/io/output/directory-output.node.ts';
import { listDirectory } from '../workers/io/folders/directory-listing.node.ts';
import { nodeDirectory } from '../workers/io/folders/directory.node.ts';
import { nodeCodecs } from '../workers/io/images/codec-places.node.ts';
import { imageDecoder } from '../workers/io/images/decode-image.ts';
import { kernelVersion } from '../workers/kernels/svd/svd.ts';
import { cacheDirectory } from './cache-directory.ts';
import { hubSource, isHubName, openHub } from './hub.ts';
import { modelLabel } from './model-label.ts';
import type { TrioNames } from './options.ts';
import { threadSvdWorker } from '../workers/pool/thread.node.ts';

export function nodeEngine(): EngineApi {
  const factors = join(cacheDirectory(), 'factors');
  return createEngine({
    startBackend: (choice) => startBackend(choice, nodeHost()),
    openManifest: (path) =>
      isDirectory(path)
        ? { folder: nodeDirectory(path), file: 'manifest.json' }
        : { folder: nodeDirectory(dirname(path)), file: basename(path) },
    openHub,
    openOutput: (target) => directoryOutput(target.kind === 'folder' ? target.directory.name : ''),
    decodeImage: imageDecoder(nodeCodecs()),
    cache: directoryFactorCache(factors, { version: kernelVersion, limitBytes: maxCacheBytes }),
    // Run from its sources, as tests do, the command line has no thread that Node could load.
    spawnSvdWorker: existsSync(threadEntry)
      ? () => threadSvdWorker(threadEntry, { cacheDirectory: factors, cacheLimitBytes: maxCacheBytes })
      : null,
    svdWorkers: Math.max(1, availableParallelism() - 1),
  });
}

/** A directory on disk as the engine's export target. */
export const onDisk = (path: string): ExportTarget => ({
  kind: 'folder',
  directory: { kind: 'directory', name: path },
});

/** Beside the bundled command line: scripts/frism.mjs. */
const threadEntry = join(dirname(fileURLToPath(import.meta.url)), 'svd-thread.js');
const maxCacheBytes = 50 * 2 ** 30;

const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

export async function trioSource(names: TrioNames): Promise<TrioSource> {
  if (names.manifest !== null) return { kind: 'manifest', url: names.manifest };
  const [base, vlm, lrm] = await Promise.all([
    partSource(names.base),
    partSource(names.vlm),
    partSource(names.lrm),
  ]);
  return { kind: 'parts', base, vlm, lrm };
}

const partSource = async (name: string): Promise<PartSource> =>
  isHubName(name) ? hubSource(name) : folderSource(name);

async function folderSource(path: string): Promise<FolderSource> {
  if (!isDirectory(path))
    throw new StudioError('missing', `There is no model folder at ${path}.`, { details: { file: path } });
  const { files, passedOver } = await listDirectory(path);
  // A link that leads out of the folder may be read, as weights under another name are, and is not exported.
  const links = passedOver.map(({ name }) => name).filter((name) => isFile(join(path, name)));
  return {
    label: modelLabel(path),
    files: [...files, ...links].map((name) => ({ path: name, file: fileOnDisk(join(path, name)) })),
    passedOver,
  };
}

/** A file as the page would hand it over: read by slice, never whole. */
export function fileOnDisk(path: string, begin = 0, end = statSync(path).size): BlobLike {
  return {
    size: end - begin,
    slice: (from = 0, to = end - begin) => fileOnDisk(path, begin + from, begin + Math.min(to, end - begin)),
    async arrayBuffer() {
      const bytes = new Uint8Array(end - begin);
      const handle = await open(path, 'r');
      try {
        for (let filled = 0; filled < bytes.length;) {
          const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, begin + filled);
          if (bytesRead === 0) throw new Error(`${path} ended early`);
          filled += bytesRead;
        }
      } finally {
        await handle.close();
      }
      return bytes.buffer;
    },
  };
}
