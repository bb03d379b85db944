/** Directories as `mkdir -p` makes them. Node only. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes the directory and those above it that are not there. Node's own way, `recursive`, never ends where a parent
 * that is there answers that it is not, as /proc and some network disks do; this throws what the disk says.
 */
export async function makeDirectory(path: string): Promise<void> {
  if ((await stat(path).catch(() => null))?.isDirectory()) return;
  const above = dirname(path);
  if (above !== path) await makeDirectory(above);
  await mkdir(path).catch(async (cause: NodeJS.ErrnoException) => {
    // Somebody else was faster.
    if (cause.code !== 'EEXIST' || !(await stat(path)).isDirectory()) throw cause;
  });
}
