import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Newest modification time under `path`, in milliseconds; 0 where there is nothing. */
export function newestMs(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce(
    (newest, name) => Math.max(newest, newestMs(join(path, name))),
    stat.mtimeMs,
  );
}
