/**
 * One file of a repository, read by ranges and kept by blocks of 8 MiB, of which each page of 64 KiB is
 * fetched once.
 *
 * A read from byte 0 is for a header or a small file, so only the pages that it needs are fetched. Any other
 * read is for tensor data, whose neighbours will be wanted too, so the blocks that it touches are fetched
 * whole as long as they can be kept. Reads that meet in a block share it. A file of which all blocks have been whole
 * is checked against the SHA-256 that the Hub names.
 */
import { StudioError } from '../../../core/errors.ts';
import { atMost, type Limiter } from '../at-most.ts';
import type { SealedCache } from '../cache/sealed-cache.ts';
import type { ByteSource } from '../contract.ts';
import { changedError, sameVersion } from '../http/file-version.ts';
import type { ByteRange, Fetched, FileVersion } from '../http/contract.ts';
import { allocateBytes, checkRange } from '../range.ts';
import {
  blockBytes,
  decodeBlock,
  emptyBlock,
  encodeBlock,
  missingRuns,
  pageBytes,
  withBytes,
  type Block,
  type PageRun,
} from './block.ts';
import type { RecentBlocks } from './recent-blocks.ts';
import type { TransferSink } from './transfer.ts';
import { WholeFile, WrongFile } from './whole-file.ts';

export interface RemoteFile {
  /** For messages. */
  readonly name: string;
  /** What blocks are kept under: endpoint, repository, commit, path and etag. */
  readonly key: string;
  readonly version: FileVersion;
  /** Of the whole file, lower-case hex; null where the Hub names none. */
  readonly sha256: string | null;
  readonly fetchRange: (range: ByteRange, signal: AbortSignal | undefined) => Promise<Fetched | null>;
  /** The file is not the one it was: forget that it was known. */
  readonly onChanged: () => Promise<void>;
}

/** Shared by all files of a hub. */
export interface BlockKeeping {
  readonly store: SealedCache;
  readonly recent: RecentBlocks;
  readonly requests: Limiter;
  /** Whether the last block could be stored. */
  keeps: boolean;
}

/** So many blocks of one read are in memory beside its result. */
const blocksAtOnce = 6;
const gapPages = 4;

/** @param start what has been fetched already, from the first byte on */
export async function remoteSource(
  file: RemoteFile,
  start: Fetched | null,
  keeping: BlockKeeping,
  transfer: TransferSink,
): Promise<ByteSource> {
  const { name, version } = file;
  const { sizeBytes } = version;
  const turns = new Map<number, Promise<unknown>>();
  const counted = new Set<number>();
  const sizeOf = (index: number): number => Math.min(blockBytes, sizeBytes - index * blockBytes);
  const keyOf = (index: number): string => `${file.key}\nblock ${index}`;

  const isWhole = (index: number, block: Block): boolean =>
    missingRuns(block, { first: 0, last: Math.ceil(sizeOf(index) / pageBytes) }, 0).length === 0;

  const stored = async (index: number): Promise<Block> => {
    const bytes = await keeping.store.get(keyOf(index), transfer.damaged);
    const block = bytes && decodeBlock(bytes, sizeOf(index));
    if (block && !counted.has(index)) transfer.kept(block.bytes.length);
    if (block) counted.add(index);
    return block ?? emptyBlock();
  };

  const keep = async (index: number, block: Block): Promise<void> => {
    counted.add(index);
    keeping.recent.set(keyOf(index), block);
    keeping.keeps = await keeping.store.put(keyOf(index), encodeBlock(block));
  };

  /** Whatever part of the file was asked for, a server may have sent all of it. */
  const absorb = async (index: number, block: Block, { begin, bytes }: Fetched): Promise<Block> => {
    let grown = block;
    for (let other = Math.floor(begin / blockBytes); other * blockBytes < begin + bytes.length; other++) {
      const from = Math.max(begin, other * blockBytes);
      const piece = bytes.subarray(
        from - begin,
        Math.min(begin + bytes.length, (other + 1) * blockBytes) - begin,
      );
      const place = from - other * blockBytes;
      if (other === index) grown = withBytes(grown, place, piece, sizeOf(other));
      else
        await keep(
          other,
          withBytes(keeping.recent.get(keyOf(other)) ?? emptyBlock(), place, piece, sizeOf(other)),
        );
    }
    return grown;
  };

  const fetchRun = async (
    index: number,
    { first, last }: PageRun,
    signal: AbortSignal | undefined,
  ): Promise<Fetched> => {
    const begin = index * blockBytes + first * pageBytes;
    const end = Math.min(sizeBytes, index * blockBytes + last * pageBytes);
    try {
      const fetched = await keeping.requests(() => file.fetchRange({ begin, end }, signal), signal);
      if (fetched && sameVersion(fetched.version, version)) return fetched;
      throw changedError(name);
    } catch (thrown) {
      if (thrown instanceof StudioError && thrown.code === 'changed') await file.onChanged();
      throw thrown;
    }
  };

  /** The block with at least the pages `wanted`. */
  const blockWith = async (
    index: number,
    wanted: PageRun,
    signal: AbortSignal | undefined,
  ): Promise<Block> => {
    const key = keyOf(index);
    let block = keeping.recent.get(key) ?? (await stored(index));
    const runs = missingRuns(block, wanted, gapPages);
    for (const fetched of await Promise.all(runs.map((run) => fetchRun(index, run, signal))))
      block = await absorb(index, block, fetched);
    if (runs.length > 0) await keep(index, block);
    else keeping.recent.set(key, block);
    if (isWhole(index, block)) await check?.pass(index, block.bytes, runs.length > 0, signal);
    return block;
  };

  /** Where two readers want a block, the second finds what the first has fetched. */
  const inTurn = <T>(index: number, body: () => Promise<T>): Promise<T> => {
    const result = (turns.get(index) ?? Promise.resolve()).then(body);
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    turns.set(index, settled);
    void settled.then(() => turns.get(index) === settled && turns.delete(index));
    return result;
  };

  const readOnce = async (
    begin: number,
    end: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> => {
    checkRange(name, sizeBytes, begin, end);
    const result = allocateBytes(name, end - begin);
    const failed = new AbortController();
    const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
    const inMemory = atMost(blocksAtOnce);
    const copy = async (index: number): Promise<void> => {
      const origin = index * blockBytes;
      const from = Math.max(begin, origin) - origin;
      const to = Math.min(end, origin + blockBytes) - origin;
      const whole = begin > 0 && keeping.keeps;
      const wanted = whole
        ? { first: 0, last: Math.ceil(sizeOf(index) / pageBytes) }
        : { first: Math.floor(from / pageBytes), last: Math.ceil(to / pageBytes) };
      const { bytes } = await inTurn(index, () => blockWith(index, wanted, either));
      result.set(bytes.subarray(from, to), origin + from - begin);
    };
    const touched: number[] = [];
    if (end > begin)
      for (let index = Math.floor(begin / blockBytes); index * blockBytes < end; index++) touched.push(index);
    try {
      await Promise.all(touched.map((index) => inMemory(() => copy(index), either)));
    } catch (thrown) {
      failed.abort();
      throw thrown;
    }
    return result;
  };

  /** A file that is read as a whole is fetched again at once where it is a wrong one: nobody has used it yet. */
  const read = async (begin: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> => {
    try {
      return await readOnce(begin, end, signal);
    } catch (thrown) {
      if (begin > 0 || end < sizeBytes || !(thrown instanceof WrongFile)) throw thrown;
      transfer.damaged(sizeBytes);
      return readOnce(begin, end, signal);
    }
  };

  const wholeKey = `${file.key}\nwhole`;
  const check =
    file.sha256 === null || sizeBytes === 0
      ? null
      : await WholeFile.of({
          name,
          sha256: file.sha256,
          sizeBytes,
          blocks: Math.ceil(sizeBytes / blockBytes),
          known: () => keeping.store.get(wholeKey, () => undefined),
          keep: (known) => keeping.store.put(wholeKey, known),
          load: async (index) => {
            const block = keeping.recent.get(keyOf(index)) ?? (await stored(index));
            return isWhole(index, block) ? block.bytes : null;
          },
          forget: (index) => keep(index, emptyBlock()),
          waiting: transfer.waiting,
        });
  if (start) await keep(0, await absorb(0, await stored(0), start));
  return { name, sizeBytes, read };
}
