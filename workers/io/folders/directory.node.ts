/** A model folder on disk. Node only: nothing that runs in a browser may import this. */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError } from '../../../core/errors.ts';
import { throwIfCancelled } from '../cancelled.ts';
import type { ModelFolder } from '../contract.ts';
import { listDirectory } from './directory-listing.node.ts';
import { pathSegments } from './folder-path.ts';
import { allocateBytes, checkRange, readInPieces } from '../range.ts';

export function nodeDirectory(directory: string, label = directory): ModelFolder {
  return {
    label,
    list: (signal) => listDirectory(directory, signal),
    async open(path, signal) {
      throwIfCancelled(signal);
      const full = join(directory, ...pathSegments(path));
      const info = await stat(full).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return null;
        throw new StudioError('missing', `${full}: ${cause.message}`, { details: { file: full }, cause });
      });
      if (!info?.isFile()) return null;
      const file = new OpenFile(full);
      return {
        name: full,
        sizeBytes: info.size,
        async read(begin, end, readSignal) {
          checkRange(full, info.size, begin, end);
          return file.use((handle) =>
            readInPieces(full, begin, end, async (from, to) => {
              throwIfCancelled(readSignal);
              return readFully(handle, full, from, to);
            }),
          );
        },
      };
    },
  };
}

/**
 * How long a file stays open after a read: the next one often follows at once, and opening takes about as
 * long as reading a small tensor.
 */
const idleMs = 100;

/** A file that is open while it is read from and for a moment after. */
class OpenFile {
  readonly #path: string;
  #handle: Promise<FileHandle> | null = null;
  #users = 0;
  #closing: NodeJS.Timeout | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async use<T>(body: (handle: FileHandle) => Promise<T>): Promise<T> {
    clearTimeout(this.#closing);
    this.#users++;
    try {
      this.#handle ??= open(this.#path, 'r');
      return await body(await this.#handle.catch((cause: unknown) => this.#refuse(cause)));
    } finally {
      if (--this.#users === 0) this.#closing = setTimeout(() => this.#close(), idleMs).unref();
    }
  }

  #refuse(cause: unknown): never {
    this.#handle = null;
    throw new StudioError('missing', `${this.#path}: cannot be opened any more.`, {
      details: { file: this.#path },
      cause,
    });
  }

  #close(): void {
    const handle = this.#handle;
    this.#handle = null;
    void handle?.then((opened) => opened.close()).catch(() => undefined);
  }
}

/** A read may bring less than asked for; only zero bytes mean the end. */
async function readFully(
  handle: FileHandle,
  name: string,
  begin: number,
  end: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const piece = allocateBytes(name, end - begin);
  let filled = 0;
  while (filled < piece.length) {
    const { bytesRead } = await handle.read(piece, filled, piece.length - filled, begin + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return piece.subarray(0, filled);
}
