/** The cache of factors in a directory. Node only. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FactorCache } from '../contract.ts';
import { directoryFiles } from './directory-cache.node.ts';
import type { CacheEntry } from './eviction.ts';
import { factorCache, type FactorCacheOptions } from './factor-cache.ts';

export function directoryFactorCache(
  directory: string,
  { version, limitBytes = Infinity }: FactorCacheOptions,
): FactorCache {
  const own = encodeURIComponent(version);
  return factorCache({
    files: directoryFiles(join(directory, own)),
    outdated: () => others(directory, own),
    limitBytes: async () => limitBytes,
  });
}

async function others(directory: string, own: string): Promise<CacheEntry[]> {
  const found: CacheEntry[] = [];
  for (const name of await readdir(directory).catch(() => [])) {
    if (name === own) continue;
    const path = join(directory, name);
    const inside = await directoryFiles(path).list();
    const sizeBytes = inside.reduce((sum, file) => sum + file.sizeBytes, (await stat(path)).size);
    found.push({
      name,
      sizeBytes,
      usedMs: 0,
      current: false,
      remove: () => rm(path, { recursive: true, force: true }),
    });
  }
  return found;
}
