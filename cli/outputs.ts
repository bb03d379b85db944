/**
 * Where a command writes. All of it is looked at before any work begins, because what took an hour should not fail
 * at the last line for a folder that is not there. Files are written beside their place and then renamed, and nothing
 * is overwritten.
 */
import {
  access,
  constants,
  link,
  mkdtemp,
  open,
  realpath,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { StudioError } from '../core/errors.ts';
import {
  draftBegins,
  draftEnds,
  draftIn,
  refuseUnfit,
  removeAbandoned,
} from '../workers/io/output/directory-output.node.ts';
import type { CommandSpec, Given } from './usage.ts';
import { formatBytes } from './table.ts';

/** Recipe and card beside the weights, and what a file system keeps for itself. */
const besideBytes = 16 * 2 ** 20;

/** Throws for the first place that cannot be written. */
export async function checkOutputs({ options }: CommandSpec, given: Given): Promise<void> {
  for (const [name, { writes }] of Object.entries(options)) {
    const path = given.text(name);
    if (path === null || writes === undefined) continue;
    if (writes === 'directory') await refuseUnfit(path);
    else await refuseUnfitFile(path, name);
  }
}

async function refuseUnfitFile(path: string, name: string): Promise<void> {
  const refuse = (why: string, remedy: string): never => {
    throw new StudioError('bad-request', `--${name} ${path}: ${why} ${remedy}`, { details: { file: path } });
  };
  const there = await stat(path).catch(() => null);
  if (there?.isDirectory()) refuse('this is a directory.', 'Name a file in it.');
  // A device or a pipe takes what it is given.
  if (there && !there.isFile()) return;
  if (there)
    refuse(
      'this file exists already, and nothing is overwritten.',
      'Choose another name, or remove it first.',
    );
  const parent = dirname(resolve(path));
  const folder = await stat(parent).catch(() => null);
  if (!folder?.isDirectory())
    refuse(`there is no directory ${parent}.`, 'Make it first, or choose another place.');
  await access(parent, constants.W_OK | constants.X_OK).catch(() =>
    refuse(`the directory ${parent} may not be written to.`, 'Choose another place.'),
  );
}

/**
 * Throws where the disk of `directory`, which need not exist yet, has no room for so many bytes of weights.
 * A file system that does not say how much is left is believed to have it.
 */
export async function requireRoom(directory: string, weightBytes: number): Promise<void> {
  const { path, bavail, bsize } = await freeAbove(resolve(directory));
  const free = bavail * bsize;
  const needed = weightBytes + besideBytes;
  if (bsize === 0 || free >= needed) return;
  throw new StudioError(
    'memory',
    `${directory}: what is written takes up to ${formatBytes(needed)} (${formatBytes(weightBytes)} of weights, and files beside them), and the disk of ${path} has ${formatBytes(free)} left. Free some of it, or choose a directory on another disk.`,
    { details: { file: directory, value: free } },
  );
}

async function freeAbove(
  path: string,
): Promise<{ readonly path: string; readonly bavail: number; readonly bsize: number }> {
  const found = await statfs(path).catch(() => null);
  if (found) return { path, bavail: found.bavail, bsize: found.blocks > 0 ? found.bsize : 0 };
  const parent = dirname(path);
  return parent === path ? { path, bavail: 0, bsize: 0 } : freeAbove(parent);
}

/**
 * Writes a file that is there as a whole or not at all. Where it cannot be written any more, it is kept in the
 * system's folder for temporary files, and the error says where: what was computed is not thrown away.
 */
export async function writeResult(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeNew(path, content);
  } catch (cause) {
    const kept = await keepResult(basename(path), content);
    const words = kept === null ? '' : ` What was computed is kept in ${kept}.`;
    throw new StudioError('missing', `${path} could not be written: ${(cause as Error).message}.${words}`, {
      details: { file: path },
      cause,
    });
  }
}

/** The path in the system's folder for temporary files, or null where there is no room either. */
export async function keepResult(name: string, content: string | Uint8Array): Promise<string | null> {
  try {
    const kept = join(await mkdtemp(join(tmpdir(), 'frism-kept-')), name);
    await writeNew(kept, content);
    return kept;
  } catch {
    return null;
  }
}

async function writeNew(path: string, content: string | Uint8Array): Promise<void> {
  const there = await stat(path).catch(() => null);
  if (there && !there.isFile()) return writeFile(path, content);
  const folder = await realpath(dirname(resolve(path)));
  const target = join(folder, basename(path));
  await removeAbandoned(target);
  const beside = draftIn(folder, target);
  draftBegins(beside);
  try {
    const file = await open(beside, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    // A link, unlike a rename, replaces nothing that was put there meanwhile. Not every file system has links.
    await link(beside, target).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EEXIST') throw cause;
      return rename(beside, target);
    });
  } finally {
    await rm(beside, { force: true }).catch(() => undefined);
    draftEnds(beside);
  }
}
