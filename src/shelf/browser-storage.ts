/** What lies in the browser's private file system: how much it is, and clearing it. Nothing here fails for want of it. */
import type { BrowserStorage, StoragePlace } from '../state/browser-storage.ts';

/** Folders of the private file system, as the engine's caches name them. */
const places: readonly StoragePlace[] = ['hub', 'factors', 'exports'];

type Listed = AsyncIterable<FileSystemDirectoryHandle | FileSystemFileHandle>;
const entriesOf = (directory: FileSystemDirectoryHandle): Listed =>
  (directory as unknown as { values(): Listed }).values();

async function folder(place: StoragePlace): Promise<FileSystemDirectoryHandle | null> {
  try {
    return await (await navigator.storage.getDirectory()).getDirectoryHandle(place);
  } catch {
    return null;
  }
}

async function bytesIn(directory: FileSystemDirectoryHandle): Promise<number> {
  let sum = 0;
  for await (const entry of entriesOf(directory)) {
    if (entry.kind === 'directory') sum += await bytesIn(entry);
    // One that is being written or was just removed does not count.
    else
      sum += await entry.getFile().then(
        ({ size }) => size,
        () => 0,
      );
  }
  return sum;
}

/**
 * The folders themselves stay: the engine has them open, and could write nothing more where they are gone. Gives the
 * number of files that could not be removed.
 */
async function empty(directory: FileSystemDirectoryHandle): Promise<number> {
  const found: (FileSystemDirectoryHandle | FileSystemFileHandle)[] = [];
  for await (const entry of entriesOf(directory)) found.push(entry);
  let left = 0;
  for (const entry of found) {
    if (entry.kind === 'directory') left += await empty(entry);
    else
      await directory.removeEntry(entry.name).catch(() => {
        left += 1;
      });
  }
  return left;
}

export const browserStorage: BrowserStorage = {
  async sizes() {
    const sizes = await Promise.all(
      places.map(async (place) => {
        const directory = await folder(place);
        return [place, directory ? await bytesIn(directory).catch(() => 0) : 0] as const;
      }),
    );
    return Object.fromEntries(sizes) as Record<StoragePlace, number>;
  },
  async clear(place) {
    const directory = await folder(place);
    return directory ? await empty(directory) : 0;
  },
  async estimate() {
    const { usage, quota } = (await estimated()) ?? {};
    return { usageBytes: usage ?? null, quotaBytes: quota ?? null };
  },
  persisted: async () => (await navigator.storage?.persisted?.()) ?? false,
  persist: async () => (await navigator.storage?.persist?.()) ?? false,
};

const estimated = async (): Promise<StorageEstimate | null> => {
  try {
    return await navigator.storage.estimate();
  } catch {
    return null;
  }
};
