/**
 * Eight MiB of a remote file, of which some pages of 64 KiB may be there: what is kept of a download, and how
 * it is stored.
 *
 * Stored form, little endian: "FHB1", u32 length of the data, a bitmap of 128 pages (page p is bit p % 8 of
 * byte p / 8), the data up to the end of the last page that is there. Pages that are not there are zeros and
 * mean nothing.
 */

export const pageBytes = 64 * 2 ** 10;
export const blockBytes = 8 * 2 ** 20;
const pages = blockBytes / pageBytes;
const magic = 0x31424846;
const headBytes = 8 + pages / 8;

export interface Block {
  readonly bitmap: Uint8Array;
  /** To the end of the last page that is there. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Pages [first, last) of a block. */
export interface PageRun {
  readonly first: number;
  readonly last: number;
}

export const emptyBlock = (): Block => ({ bitmap: new Uint8Array(pages / 8), bytes: new Uint8Array(0) });

const has = (bitmap: Uint8Array, page: number): boolean =>
  (((bitmap[page >> 3] ?? 0) >> (page & 7)) & 1) === 1;

/**
 * Runs of pages within `wanted` that are not there. Two that lie at most `gapPages` apart are one: a request
 * costs more than a few pages.
 */
export function missingRuns({ bitmap }: Block, wanted: PageRun, gapPages: number): PageRun[] {
  const runs: { first: number; last: number }[] = [];
  for (let page = wanted.first; page < wanted.last; page++) {
    if (has(bitmap, page)) continue;
    const open = runs.at(-1);
    if (open && page - open.last <= gapPages) open.last = page + 1;
    else runs.push({ first: page, last: page + 1 });
  }
  return runs;
}

/**
 * The block with `bytes` at `begin`, both counted from its start. Pages are there once all of their bytes
 * are; `sizeBytes`: of the block, less than 8 MiB at the end of a file.
 */
export function withBytes(
  block: Block,
  begin: number,
  bytes: Uint8Array<ArrayBuffer>,
  sizeBytes: number,
): Block {
  const end = begin + bytes.length;
  const bitmap = block.bitmap.slice();
  const first = Math.ceil(begin / pageBytes);
  const last = end === sizeBytes ? Math.ceil(end / pageBytes) : Math.floor(end / pageBytes);
  if (last <= first) return block;
  for (let page = first; page < last; page++)
    bitmap[page >> 3] = (bitmap[page >> 3] ?? 0) | (1 << (page & 7));
  const kept = { begin: first * pageBytes, end: Math.min(end, last * pageBytes) };
  const piece = bytes.subarray(kept.begin - begin, kept.end - begin);
  if (kept.begin === 0 && kept.end >= block.bytes.length)
    return { bitmap, bytes: piece.length === piece.buffer.byteLength ? piece : piece.slice() };
  const all = new Uint8Array(Math.max(block.bytes.length, kept.end));
  all.set(block.bytes);
  all.set(piece, kept.begin);
  return { bitmap, bytes: all };
}

export function encodeBlock({ bitmap, bytes }: Block): Uint8Array<ArrayBuffer> {
  const stored = new Uint8Array(headBytes + bytes.length);
  const view = new DataView(stored.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, bytes.length, true);
  stored.set(bitmap, 8);
  stored.set(bytes, headBytes);
  return stored;
}

/** Null for anything that is not a whole stored block of `sizeBytes`. */
export function decodeBlock(stored: Uint8Array<ArrayBuffer>, sizeBytes: number): Block | null {
  if (stored.length < headBytes) return null;
  const view = new DataView(stored.buffer, stored.byteOffset, stored.length);
  const bitmap = stored.slice(8, headBytes);
  const bytes = stored.subarray(headBytes);
  let end = 0;
  for (let page = 0; page < pages; page++)
    if (has(bitmap, page)) end = Math.min((page + 1) * pageBytes, sizeBytes);
  const whole =
    view.getUint32(0, true) === magic && view.getUint32(4, true) === bytes.length && bytes.length === end;
  return whole ? { bitmap, bytes } : null;
}
