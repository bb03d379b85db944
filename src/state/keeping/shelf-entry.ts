/**
 * What is told of a stored session, checked without a library: the list is read at every start, and anybody may have
 * changed what lies in a browser.
 */
import { sessionVersion } from '../../../core/sessions/versions.ts';
import { readThumbnail } from './thumbnail.ts';
import type { SetAside, ShelfEntry } from './shelf.ts';

const mostName = 500;

/** A name as a person may give it: one line, not empty. Empty where there is nothing left of it. */
export const tidyName = (name: string): string =>
  name
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
    .trim()
    .slice(0, mostName);

/** Null for what has no id, which nothing could be done with. */
export function readEntry(value: unknown): ShelfEntry | null {
  if (typeof value !== 'object' || value === null) return null;
  const { id, name, savedAt, sizeBytes, file, thumbnail, aside } = value as Readonly<
    Record<keyof ShelfEntry, unknown>
  >;
  if (typeof id !== 'string' || id === '' || id.length > mostName) return null;
  const drawn = readThumbnail(thumbnail);
  const left = readAside(aside);
  return {
    id,
    name: (typeof name === 'string' && tidyName(name)) || 'Without a name',
    savedAt: typeof savedAt === 'number' && savedAt >= 0 && savedAt <= 8.64e15 ? savedAt : 0,
    ...(typeof sizeBytes === 'number' && Number.isSafeInteger(sizeBytes) && sizeBytes >= 0 && { sizeBytes }),
    ...(typeof file === 'string' && /^[0-9a-f]{64}$/.test(file) && { file }),
    ...(drawn && { thumbnail: drawn }),
    ...(left && { aside: left }),
  };
}

function readAside(value: unknown): SetAside | null {
  if (typeof value !== 'object' || value === null) return null;
  const { why, version, code } = value as Readonly<Record<keyof SetAside, unknown>>;
  if (typeof why !== 'string' || typeof version !== 'number') return null;
  return { why: why.slice(0, 2000), version, ...(code === 'unsupported' && { code }) };
}

/** What is the matter with it, in a few words. */
export const asideLabel = ({ code }: SetAside): string =>
  code === 'unsupported' ? 'from another version of the studio' : 'damaged';

/** Bytes of a large value, as it would be written. */
export const bytesOf = (value: object): number =>
  value instanceof Blob ? value.size : ArrayBuffer.isView(value) ? value.byteLength : 0;

/** This studio could not read it before. */
export const isAside = ({ aside }: ShelfEntry): boolean => aside?.version === sessionVersion;
