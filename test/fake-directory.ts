/** A folder as a browser hands it over: a handle with permissions, in memory. */

export interface FakeDirectory {
  readonly handle: FileSystemDirectoryHandle;
  /** What the browser says of reading it. */
  permission: PermissionState;
  /** What a person answers when asked; an error where the browser lets nobody be asked. */
  answer: PermissionState | Error;
  /** Whether it was moved or deleted. */
  gone: boolean;
  /** How often a person was asked. */
  asked: number;
}

/** @param paths of its files, with forward slashes */
export function fakeDirectory(name: string, paths: readonly string[]): FakeDirectory {
  const missing = (): DOMException => new DOMException('It was not found.', 'NotFoundError');
  const under = (prefix: string, called: string): object => {
    const inside = paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
    const folders = new Set(inside.flatMap((path) => (path.includes('/') ? [path.split('/')[0] ?? ''] : [])));
    const files = inside.filter((path) => !path.includes('/'));
    return {
      kind: 'directory',
      name: called,
      async *values() {
        if (made.gone) throw missing();
        for (const folder of folders) yield under(`${prefix}${folder}/`, folder);
        for (const file of files)
          yield { kind: 'file', name: file, getFile: async () => new File([prefix, file], file) };
      },
      async getDirectoryHandle(wanted: string) {
        if (made.gone || !folders.has(wanted)) throw missing();
        return under(`${prefix}${wanted}/`, wanted);
      },
      queryPermission: async () => made.permission,
      async requestPermission() {
        made.asked += 1;
        if (made.answer instanceof Error) throw made.answer;
        return (made.permission = made.answer);
      },
    };
  };
  const made: FakeDirectory = {
    handle: under('', name) as FileSystemDirectoryHandle,
    permission: 'granted',
    answer: 'granted',
    gone: false,
    asked: 0,
  };
  return made;
}
