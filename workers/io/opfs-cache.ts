/**
 * Factor cache in the browser's private file system: a folder for each version, a file for each entry. Faults of storage are no
 * faults of the job: they answer null or false. Several workers may use it at once; only one of them, the engine, makes room in it.
 *
 * A file that is being written is locked for everybody else. One whose writer was stopped half-way is shorter than it should be, which its
 * reader notices.
 */
import type { EntryHead, FactorCache } from './contract.ts';
import { CacheRoom, type CacheEntry } from './eviction.ts';
import { sha256Hex } from './hash.ts';

/** Left free for the browser and for other sites' data. */
const reserveBytes = 64 * 2 ** 20;
/** Of what the browser grants this site. Downloads of models need their part. */
const largestShare = 0.5;
/** File system calls wait for the browser's process; a few at a time hide that. */
const calls = 8;
/** When entries were last used: one small file, for the times of the files themselves are those of writing. */
const usesFile = 'uses.json';

export interface OpfsCacheOptions {
  readonly folder?: string;
  /** What the entries were made by. Entries of other versions are never read, and go first when room is needed. */
  readonly version: string;
  /** Bytes that the entries may take together; by default a share of what the browser grants. */
  readonly limitBytes?: number;
}

/** Null where there is no such file system: Node, private windows of some browsers, pages without a secure context. */
export async function openOpfsCache({ folder = 'factors', version, limitBytes = Infinity }: OpfsCacheOptions): Promise<FactorCache | null> {
  try {
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create: true });
    return new OpfsCache(root, await root.getDirectoryHandle(encodeURIComponent(version), { create: true }), limitBytes);
  } catch {
    return null;
  }
}

interface Place extends CacheEntry {
  readonly directory: FileSystemDirectoryHandle;
}

class OpfsCache implements FactorCache {
  readonly lasting = true;
  readonly #root: FileSystemDirectoryHandle;
  readonly #directory: FileSystemDirectoryHandle;
  readonly #limitBytes: number;
  /** Null until room was asked for. */
  #room: Promise<CacheRoom<Place>> | null = null;

  constructor(root: FileSystemDirectoryHandle, directory: FileSystemDirectoryHandle, limitBytes: number) {
    this.#root = root;
    this.#directory = directory;
    this.#limitBytes = limitBytes;
  }

  async get(key: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#read(key, async (file) => new Uint8Array(await file.arrayBuffer()));
  }

  async head(key: string, sizeBytes: number): Promise<EntryHead | null> {
    return this.#read(key, async (file) => ({ bytes: new Uint8Array(await file.slice(0, sizeBytes).arrayBuffer()), sizeBytes: file.size }));
  }

  async #read<T>(key: string, read: (file: File) => Promise<T>): Promise<T | null> {
    try {
      const handle = await this.#directory.getFileHandle(await sha256Hex(key));
      return await read(await handle.getFile());
    } catch {
      return null;
    }
  }

  async put(key: string, parts: readonly Uint8Array<ArrayBuffer>[]): Promise<boolean> {
    const name = await sha256Hex(key);
    try {
      const handle = await this.#directory.getFileHandle(name, { create: true });
      await writeFile(handle, parts);
      return true;
    } catch (cause) {
      // Nothing half-written stays; but one that another worker is writing is that worker's.
      const locked = cause instanceof DOMException && cause.name === 'NoModificationAllowedError';
      if (!locked) await this.#directory.removeEntry(name).catch(() => undefined);
      return false;
    }
  }

  async reserve(key: string, sizeBytes: number, keep: ReadonlySet<string>): Promise<boolean> {
    try {
      const room = await (this.#room ??= this.#measure());
      const kept = new Set(await Promise.all([...keep].map((each) => sha256Hex(each))));
      return await room.reserve(await sha256Hex(key), sizeBytes, kept, ({ directory, name }) =>
        directory.removeEntry(name, { recursive: true }).then(
          () => true,
          () => false,
        ),
      );
    } catch {
      this.#room = null;
      return false;
    }
  }

  async #measure(): Promise<CacheRoom<Place>> {
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    const uses = await this.#uses();
    const entries = [...(await listFiles(this.#directory, (name) => uses[name] ?? null)), ...(await this.#outdated())];
    const stored = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return new CacheRoom(entries, Math.min(this.#limitBytes, largestShare * quota, stored + quota - usage - reserveBytes));
  }

  /** Folders of other versions, and files beside them, which is how entries once lay. */
  async #outdated(): Promise<Place[]> {
    const found: Place[] = [];
    for await (const handle of this.#root.values()) {
      if (handle.name === this.#directory.name) continue;
      const files = handle.kind === 'directory' ? await listFiles(handle as FileSystemDirectoryHandle, () => null) : [await (handle as FileSystemFileHandle).getFile().then(({ size }) => ({ sizeBytes: size }))];
      found.push({ name: handle.name, directory: this.#root, sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), usedMs: 0, current: false });
    }
    return found;
  }

  async #uses(): Promise<Record<string, number>> {
    try {
      const parsed: unknown = JSON.parse(await (await (await this.#directory.getFileHandle(usesFile)).getFile()).text());
      return typeof parsed === 'object' && parsed !== null ? Object.fromEntries(Object.entries(parsed).filter((use): use is [string, number] => typeof use[1] === 'number')) : {};
    } catch {
      return {};
    }
  }

  async used(keys: Iterable<string>): Promise<void> {
    this.#room = null;
    try {
      const there = new Set<string>();
      for await (const name of this.#directory.keys()) there.add(name);
      const uses = { ...(await this.#uses()) };
      for (const key of keys) uses[await sha256Hex(key)] = Date.now();
      const kept = Object.fromEntries(Object.entries(uses).filter(([name]) => there.has(name)));
      const handle = await this.#directory.getFileHandle(usesFile, { create: true });
      const bytes = new TextEncoder().encode(JSON.stringify(kept));
      await writeFile(handle, [bytes]);
    } catch {
      // Then the order of eviction is a little older.
    }
  }
}

/** `usedMs` of an entry, or null to go by when it was written. */
async function listFiles(directory: FileSystemDirectoryHandle, usedMs: (name: string) => number | null): Promise<Place[]> {
  const handles: FileSystemFileHandle[] = [];
  for await (const handle of directory.values()) if (handle.kind === 'file' && handle.name !== usesFile) handles.push(handle as FileSystemFileHandle);
  const found: Place[] = [];
  const next = handles.values();
  const work = async (): Promise<void> => {
    for (const handle of next) {
      // One that another tab is writing or has just removed does not count.
      const file = await handle.getFile().catch(() => null);
      if (file) found.push({ name: handle.name, directory, sizeBytes: file.size, usedMs: usedMs(handle.name) ?? file.lastModified, current: true });
    }
  };
  await Promise.all(Array.from({ length: calls }, work));
  return found;
}

/** What workers have and pages have not. */
interface LockingHandle {
  createSyncAccessHandle(): Promise<{ truncate(size: number): void; write(bytes: Uint8Array<ArrayBuffer>, options: { at: number }): number; close(): void }>;
}

const writeFile = (handle: FileSystemFileHandle, parts: readonly Uint8Array<ArrayBuffer>[]): Promise<void> =>
  'createSyncAccessHandle' in handle ? writeLocked(handle as LockingHandle, parts) : writeStreamed(handle, parts);

/** Straight into the file, which nobody else can open meanwhile. */
async function writeLocked(handle: LockingHandle, parts: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
  const access = await handle.createSyncAccessHandle();
  try {
    access.truncate(0);
    let at = 0;
    for (const part of parts) {
      const written = access.write(part, { at });
      if (written !== part.length) throw new Error(`${written} of ${part.length} bytes were written.`);
      at += written;
    }
  } finally {
    access.close();
  }
}

/** Through a stream that replaces the file when it is closed: slower, and all there is outside of workers. */
async function writeStreamed(handle: FileSystemFileHandle, parts: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
  const stream = await handle.createWritable();
  try {
    for (const part of parts) await stream.write(part);
    await stream.close();
  } catch (cause) {
    await stream.abort(cause);
    throw cause;
  }
}
