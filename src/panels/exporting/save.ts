/**
 * Files leave the page: as a download, or into a folder that the person picks where the browser can do that.
 */
interface DirectoryPicker {
  showDirectoryPicker(options: { mode: 'readwrite' }): Promise<FileSystemDirectoryHandle>;
}

const picker = (): DirectoryPicker | null =>
  'showDirectoryPicker' in window ? (window as unknown as DirectoryPicker) : null;

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

export function download(archive: Blob, name: string): void {
  const url = URL.createObjectURL(archive);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun once the browser has read the URL; revoking at once would cancel it in some.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
