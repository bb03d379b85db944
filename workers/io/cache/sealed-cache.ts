/**
 * Entries of a cache with a SHA-256 of their key and bytes before them, so that what a disk or a program damaged is
 * told from what was put. An entry is "FSC1", the 32 bytes of the hash, and the bytes. An entry of another form is
 * that of an older version and counts as missing.
 */
import type { ByteCache } from '../contract.ts';

const magic = new TextEncoder().encode('FSC1');
const headBytes = magic.length + 32;

export interface SealedCache extends Pick<ByteCache, 'lasting' | 'put'> {
  /** Null where nothing was put. `onDamaged` gets the length of an entry whose hash is another; it counts as missing. */
  get(key: string, onDamaged: (sizeBytes: number) => void): Promise<Uint8Array<ArrayBuffer> | null>;
}

export function sealedCache(cache: ByteCache): SealedCache {
  return {
    lasting: cache.lasting,
    async put(key, bytes) {
      const sealed = new Uint8Array(headBytes + bytes.length);
      sealed.set(magic);
      sealed.set(bytes, headBytes);
      sealed.set(await sealOf(key, sealed.subarray(headBytes)), magic.length);
      return cache.put(key, sealed);
    },
    async get(key, onDamaged) {
      const sealed = await cache.get(key);
      if (!sealed || magic.some((byte, i) => sealed[i] !== byte)) return null;
      const bytes = sealed.subarray(headBytes);
      const seal = await sealOf(key, bytes);
      if (sealed.length >= headBytes && seal.every((byte, i) => sealed[magic.length + i] === byte))
        return bytes;
      onDamaged(bytes.length);
      return null;
    },
  };
}

/** An entry that lies under another one's name is damaged too, so the key is part of it. */
async function sealOf(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const name = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key));
  const content = await crypto.subtle.digest('SHA-256', bytes);
  const both = new Uint8Array(64);
  both.set(new Uint8Array(name));
  both.set(new Uint8Array(content), 32);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', both));
}
