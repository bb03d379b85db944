import type { ByteCache } from '../contract.ts';

/**
 * A cache for tests and for where nothing can be stored: forgets with the page, and the oldest entry first
 * above `maxBytes`.
 */
export function memoryCache(maxBytes = 256 * 2 ** 20): ByteCache {
  const entries = new Map<string, Uint8Array<ArrayBuffer>>();
  let held = 0;
  return {
    lasting: false,
    async get(key) {
      return entries.get(key)?.slice() ?? null;
    },
    async put(key, bytes) {
      if (bytes.length > maxBytes) return false;
      held += bytes.length - (entries.get(key)?.length ?? 0);
      entries.delete(key);
      entries.set(key, new Uint8Array(bytes));
      for (const [oldest, value] of entries) {
        if (held <= maxBytes) break;
        entries.delete(oldest);
        held -= value.length;
      }
      return true;
    },
  };
}
