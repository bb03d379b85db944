import type { FactorCache } from './contract.ts';

/** A factor cache for tests and for where nothing can be stored: forgets with the page, and above `maxBytes` the oldest entry first. */
export function memoryCache(maxBytes = 256 * 2 ** 20): FactorCache {
  const entries = new Map<string, Uint8Array<ArrayBuffer>>();
  let held = 0;
  return {
    lasting: false,
    async get(key) {
      return entries.get(key)?.slice() ?? null;
    },
    async head(key, sizeBytes) {
      const entry = entries.get(key);
      return entry ? { bytes: entry.slice(0, sizeBytes), sizeBytes: entry.length } : null;
    },
    async put(key, parts) {
      const size = parts.reduce((sum, { length }) => sum + length, 0);
      if (size > maxBytes) return false;
      const bytes = new Uint8Array(size);
      let at = 0;
      for (const part of parts) {
        bytes.set(part, at);
        at += part.length;
      }
      held += size - (entries.get(key)?.length ?? 0);
      entries.delete(key);
      entries.set(key, bytes);
      for (const [oldest, value] of entries) {
        if (held <= maxBytes) break;
        entries.delete(oldest);
        held -= value.length;
      }
      return true;
    },
    /** `put` makes its own room. */
    reserve: async () => true,
    async used(keys) {
      for (const key of keys) {
        const entry = entries.get(key);
        if (!entry) continue;
        entries.delete(key);
        entries.set(key, entry);
      }
    },
  };
}
