/** What lies on a disk, in a form that can be compared. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Paths of all files below a folder, relative to it; none where it is not there. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** One text for all bytes of a file or below a folder but for how long things took; null where nothing is there. */
export function contentOf(path: string): string | null {
  if (!existsSync(path)) return null;
  const files = statSync(path).isFile() ? [''] : filesBelow(path);
  return files.map((name) => `${name} ${digest(readFileSync(join(path, name)))}`).join('\n');
}

const digest = (bytes: Buffer): string =>
  createHash('sha256')
    .update(bytes.length > 0 && bytes[0] === 0x7b ? withoutTimes(bytes.toString('latin1')) : bytes)
    .digest('hex');

/** Times are not the same twice. */
export const withoutTimes = (text: string): string =>
  text.replaceAll(/"([a-zA-Z]*Ms)": ?[0-9.e+-]+/g, '"$1":0');
