/** A model folder on disk. Node only: nothing that runs in a browser may import this. */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError } from '../../src/core/errors.ts';
import { throwIfCancelled } from './cancelled.ts';
import type { ModelFolder } from './contract.ts';
import { pathSegments } from './folder-path.ts';
import { checkRange, readInPieces } from './range.ts';

export function nodeDirectory(directory: string, label = directory): ModelFolder {
  return {
    label,
    async open(path, signal) {
      throwIfCancelled(signal);
      const full = join(directory, ...pathSegments(path));
      const info = await stat(full).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return null;
        throw new StudioError('missing', `${full}: ${cause.message}`, { details: { file: full }, cause });
      });
      if (!info?.isFile()) return null;
      return {
        name: full,
        sizeBytes: info.size,
        async read(begin, end, readSignal) {
          checkRange(full, info.size, begin, end);
          const handle = await open(full, 'r').catch((cause: unknown) => {
            throw new StudioError('missing', `${full}: cannot be opened any more.`, { details: { file: full }, cause });
          });
          try {
            return await readInPieces(full, begin, end, async (from, to) => {
              throwIfCancelled(readSignal);
              return readFully(handle, from, to);
            });
          } finally {
            await handle.close();
          }
        },
      };
    },
  };
}

/** A read may bring less than asked for; only zero bytes mean the end. */
async function readFully(handle: FileHandle, begin: number, end: number): Promise<Uint8Array> {
  const piece = new Uint8Array(end - begin);
  let filled = 0;
  while (filled < piece.length) {
    const { bytesRead } = await handle.read(piece, filled, piece.length - filled, begin + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return piece.subarray(0, filled);
}
