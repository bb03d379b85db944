/**
 * A cache of factors for tests, and for places where nothing can be stored. It ends with the page. Above
 * `maxBytes` the oldest entry goes first.
 */
import type { FactorCache } from '../contract.ts';
import { memoryCache } from './memory-cache.ts';

export function memoryFactorCache(maxBytes?: number): FactorCache {
  const { get, put } = memoryCache(maxBytes);
  return {
    lasting: false,
    get,
    async head(key, sizeBytes) {
      const entry = await get(key);
      return entry && { bytes: entry.slice(0, sizeBytes), sizeBytes: entry.length };
    },
    put: async (key, parts) => put(key, new Uint8Array(await new Blob([...parts]).arrayBuffer())),
    /** `put` makes its own room. */
    reserve: async () => true,
    used: async () => undefined,
  };
}
