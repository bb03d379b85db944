/** What a person dropped, with the folders in it. */

export interface DroppedFile {
  /** Relative to what was dropped, with forward slashes. */
  readonly path: string;
  readonly file: File;
}

export interface DroppedFolder {
  readonly label: string;
  readonly files: readonly DroppedFile[];
  /** To read it again on a later visit; null where the browser gives none. */
  readonly handle: FileSystemDirectoryHandle | null;
}

/** What browsers have and their types do not say yet. */
interface HandledItem {
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}

/** Asked for during the event, like all that an item has. */
const handleOf = (item: HandledItem): Promise<FileSystemDirectoryHandle | null> =>
  (item.getAsFileSystemHandle?.() ?? Promise.resolve(null)).then(
    (handle) => (handle?.kind === 'directory' ? (handle as FileSystemDirectoryHandle) : null),
    () => null,
  );

const entriesOf = (directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> => {
  const reader = directory.createReader();
  const all: FileSystemEntry[] = [];
  // readEntries hands out at most 100 at a time and an empty list at the end.
  return new Promise((resolve, reject) => {
    const next = (): void =>
      reader.readEntries((batch) => {
        if (batch.length === 0) resolve(all);
        else {
          all.push(...batch);
          next();
        }
      }, reject);
    next();
  });
};

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

/** A folder with more is no model and no set of images, but somebody's home. */
const mostFiles = 20_000;

/** Files of a folder and of the folders in it; paths are relative to it. Throws where there are far too many. */
async function filesUnder(
  directory: FileSystemDirectoryEntry,
  prefix = '',
  found: DroppedFile[] = [],
): Promise<DroppedFile[]> {
  for (const entry of await entriesOf(directory)) {
    const path = prefix + entry.name;
    if (found.length > mostFiles)
      throw new Error(`The folder holds more than ${mostFiles} files. Choose a smaller one.`);
    if (entry.isDirectory) await filesUnder(entry as FileSystemDirectoryEntry, `${path}/`, found);
    else found.push({ path, file: await fileOf(entry as FileSystemFileEntry) });
  }
  return found;
}

/**
 * Files and whole folders of a drop, `folder` being where a file lay in. Must be called during the event: the
 * items are gone afterwards.
 */
export async function filesOfDrop(
  items: DataTransferItemList,
): Promise<(DroppedFile & { readonly folder: string | null })[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const found = await Promise.all(
    entries.map(async (entry) => {
      if (!entry.isDirectory)
        return [{ path: entry.name, file: await fileOf(entry as FileSystemFileEntry), folder: null }];
      const files = await filesUnder(entry as FileSystemDirectoryEntry);
      return files.map((file) => ({ ...file, folder: entry.name }));
    }),
  );
  return found.flat();
}

/**
 * A drop as whole folders and single files. Must be called during the event: the items are gone afterwards.
 */
export async function partsOfDrop(items: DataTransferItemList): Promise<{
  readonly folders: readonly DroppedFolder[];
  readonly files: readonly File[];
}> {
  const handed = [...items].map((item) => ({
    entry: item.webkitGetAsEntry(),
    file: item.getAsFile(),
    handle: handleOf(item as HandledItem),
  }));
  const folders: DroppedFolder[] = [];
  const files: File[] = [];
  for (const { entry, file, handle } of handed) {
    if (entry?.isDirectory)
      folders.push({
        label: entry.name,
        files: await filesUnder(entry as FileSystemDirectoryEntry),
        handle: await handle,
      });
    // A file that a page itself has made has no entry.
    else if (file) files.push(file);
  }
  return { folders, files };
}
