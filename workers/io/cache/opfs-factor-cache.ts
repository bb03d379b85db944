/** The cache of factors in the browser's private file system. */
import type { FactorCache } from '../contract.ts';
import type { CacheEntry } from './eviction.ts';
import { factorCache, type FactorCacheOptions } from './factor-cache.ts';
import { opfsFiles, opfsShareBytes } from './opfs-cache.ts';

/** Null where there is no such file system. */
export async function openOpfsFactorCache({
  version,
  limitBytes = Infinity,
  folder = 'factors',
}: FactorCacheOptions & { readonly folder?: string }): Promise<FactorCache | null> {
  try {
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create: true });
    const own = encodeURIComponent(version);
    const files = opfsFiles(await root.getDirectoryHandle(own, { create: true }), 'locked');
    return factorCache({
      files,
      outdated: () => others(root, own),
      limitBytes: async (storedBytes) => {
        const { quota = 0, usage = 0 } = await navigator.storage.estimate();
        return Math.min(limitBytes, await opfsShareBytes(), storedBytes + quota - usage);
      },
    });
  } catch {
    return null;
  }
}

/** Folders of other versions, each as one entry, and files beside them, which is how entries once lay. */
async function others(root: FileSystemDirectoryHandle, own: string): Promise<CacheEntry[]> {
  const found: CacheEntry[] = [];
  for await (const handle of root.values()) {
    const { name, kind } = handle;
    if (name === own) continue;
    const files =
      kind === 'directory'
        ? await opfsFiles(handle as FileSystemDirectoryHandle, 'whole').list()
        : [{ sizeBytes: (await (handle as FileSystemFileHandle).getFile()).size }];
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    found.push({
      name,
      sizeBytes,
      usedMs: 0,
      current: false,
      remove: () => root.removeEntry(name, { recursive: true }).catch(() => undefined),
    });
  }
  return found;
}
