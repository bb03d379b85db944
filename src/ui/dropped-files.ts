/** What a person dropped, with the folders in it. */

export interface DroppedFile {
  /** Relative to what was dropped, with forward slashes. */
  readonly path: string;
  readonly file: File;
}

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

/** Files of a folder and of the folders in it; paths are relative to it. */
export async function filesUnder(directory: FileSystemDirectoryEntry, prefix = ''): Promise<DroppedFile[]> {
  const found: DroppedFile[] = [];
  for (const entry of await entriesOf(directory)) {
    const path = prefix + entry.name;
    if (entry.isDirectory) found.push(...(await filesUnder(entry as FileSystemDirectoryEntry, `${path}/`)));
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
