/** An export that stays in memory: files that are handed to the page at once, and tests. */
import { StudioError } from '../../../core/errors.ts';
import { throwIfCancelled } from '../cancelled.ts';
import type { OutputFolder } from '../contract.ts';
import { pathSegments } from '../folders/folder-path.ts';

export interface MemoryOutput extends OutputFolder {
  /** In the order written; complete after `commit`. */
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array<ArrayBuffer> }[];
}

/** @param maxBytes all files together: what the receiver can hold */
export function memoryOutput(label: string, maxBytes: number): MemoryOutput {
  const done: { path: string; bytes: Uint8Array<ArrayBuffer> }[] = [];
  let total = 0;
  return {
    label,
    files: done,
    async create(path, signal) {
      throwIfCancelled(signal);
      pathSegments(path);
      const pieces: Uint8Array<ArrayBuffer>[] = [];
      return {
        async write(bytes) {
          throwIfCancelled(signal);
          total += bytes.length;
          if (total > maxBytes) {
            throw new StudioError(
              'memory',
              `This export is larger than the ${(maxBytes / 2 ** 30).toFixed(1)} GiB that can be handed over at once. Export into a folder instead.`,
              { details: { file: path, value: total } },
            );
          }
          pieces.push(bytes.slice());
        },
        async close() {
          done.push({ path, bytes: joined(pieces) });
        },
      };
    },
    commit: async () => undefined,
    async discard() {
      done.length = 0;
      return [];
    },
  };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
