/** Files leave the page: as a download, or into a folder that the person picks where the browser can do that. */
import type { ExportedFile } from '../../protocol/engine.ts';
import { totalBytes, ZIP_LIMIT_BYTES, zipParts } from './zip.ts';

interface DirectoryPicker {
  showDirectoryPicker(options: { mode: 'readwrite' }): Promise<FileSystemDirectoryHandle>;
}

const picker = (): DirectoryPicker | null => ('showDirectoryPicker' in window ? (window as unknown as DirectoryPicker) : null);

export const canSaveToFolder = (): boolean => picker() !== null;

/** Null when the person closed the picker. */
export async function pickFolder(): Promise<FileSystemDirectoryHandle | null> {
  try {
    return (await picker()?.showDirectoryPicker({ mode: 'readwrite' })) ?? null;
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') return null;
    throw thrown;
  }
}

export async function saveToFolder(folder: FileSystemDirectoryHandle, files: readonly ExportedFile[]): Promise<void> {
  for (const { path, bytes } of files) {
    const names = path.split('/');
    const name = names.pop() ?? path;
    let directory = folder;
    for (const part of names) directory = await directory.getDirectoryHandle(part, { create: true });
    const stream = await (await directory.getFileHandle(name, { create: true })).createWritable();
    await stream.write(bytes);
    await stream.close();
  }
}

/** The file's name as downloaded. */
export function downloadZip(files: readonly ExportedFile[], name: string): void {
  if (totalBytes(files) > ZIP_LIMIT_BYTES) throw new Error('The merged model is over 4 GB, more than a plain .zip can hold: save it to a folder instead.');
  const url = URL.createObjectURL(new Blob(zipParts(files, name), { type: 'application/zip' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name}.zip`;
  link.click();
  // The download has begun once the browser has read the URL; revoking at once would cancel it in some.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
