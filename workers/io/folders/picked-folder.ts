/** A model folder that a person picked or dropped: files read by slice, never whole. */
import { StudioError } from '../../../core/errors.ts';
import type { FolderSource } from '../../../protocol/session.ts';
import { throwIfCancelled } from '../cancelled.ts';
import type { ModelFolder } from '../contract.ts';
import { pathSegments } from './folder-path.ts';
import { listPaths } from './listing.ts';
import { checkRange, readInPieces } from '../range.ts';

export function pickedFolder(source: FolderSource): ModelFolder {
  const files = new Map(source.files.map(({ path, file }) => [path, file]));
  return {
    label: source.label,
    list: async () => {
      const passedOver = source.passedOver ?? [];
      const foreign = new Set(passedOver.map(({ name }) => name));
      const listed = listPaths([...files.keys()].filter((path) => !foreign.has(path)));
      return { files: listed.files, passedOver: [...listed.passedOver, ...passedOver] };
    },
    async open(path, signal) {
      throwIfCancelled(signal);
      pathSegments(path);
      const file = files.get(path);
      if (!file) return null;
      const name = `${source.label}/${path}`;
      return {
        name,
        sizeBytes: file.size,
        async read(begin, end, readSignal) {
          checkRange(name, file.size, begin, end);
          return readInPieces(name, begin, end, async (from, to) => {
            throwIfCancelled(readSignal);
            try {
              return new Uint8Array(await file.slice(from, to).arrayBuffer());
            } catch (cause) {
              // A File is a promise to read later: the browser breaks it when the file was moved, changed or
              // its permission ended.
              throw new StudioError(
                'missing',
                `${name}: can no longer be read. If it was moved or changed since it was picked, pick the folder again.`,
                { retryable: true, details: { file: name }, cause },
              );
            }
          });
        },
      };
    },
  };
}
