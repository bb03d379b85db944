/** Factor cache in a directory. Node only. An entry is written beside its place and renamed into it, so it is there whole or not at all. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FactorCache } from './contract.ts';
import { sha256Hex } from './hash.ts';

export function directoryCache(directory: string): FactorCache {
  return {
    lasting: true,
    async get(key) {
      try {
        return new Uint8Array(await readFile(join(directory, await sha256Hex(key))));
      } catch {
        return null;
      }
    },
    async put(key, bytes) {
      const path = join(directory, await sha256Hex(key));
      const draft = `${path}.${process.pid}.${crypto.randomUUID()}`;
      try {
        await mkdir(directory, { recursive: true });
        await writeFile(draft, bytes);
        await rename(draft, path);
        return true;
      } catch {
        await rm(draft, { force: true }).catch(() => undefined);
        return false;
      }
    },
  };
}
