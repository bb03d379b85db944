/** A model folder whose files are in memory: for tests, and for a checkpoint that was just built. */
import { throwIfCancelled } from '../cancelled.ts';
import type { ByteSource, ModelFolder } from '../contract.ts';
import { pathSegments } from './folder-path.ts';
import { listPaths } from './listing.ts';
import { checkRange } from '../range.ts';

export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    sizeBytes: bytes.length,
    async read(begin, end, signal) {
      throwIfCancelled(signal);
      checkRange(name, bytes.length, begin, end);
      return new Uint8Array(bytes.subarray(begin, end));
    },
  };
}

/** Strings are stored as UTF-8. */
export function memoryFolder(
  label: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): ModelFolder {
  return {
    label,
    async open(path, signal) {
      throwIfCancelled(signal);
      pathSegments(path);
      const content = Object.hasOwn(files, path) ? files[path] : undefined;
      if (content === undefined) return null;
      return memorySource(
        `${label}/${path}`,
        typeof content === 'string' ? new TextEncoder().encode(content) : content,
      );
    },
    list: async () => listPaths(Object.keys(files)),
  };
}
