/**
 * What a directory holds. A link is followed where it leads within the directory, into the cache of the Hub's own
 * tools, whose snapshots are links, or to a file of the same name that is one of a model's: a folder made of links to
 * another model. Any other link is passed over, so that no file from elsewhere gets into an export.
 */
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { throwIfCancelled } from '../cancelled.ts';
import { ruleOf, usualFiles, type PassedOver } from '../../../core/reading/folder-rules.ts';
import type { FolderListing } from '../contract.ts';
import { mostListed, tooMany, whyNotInto } from './listing.ts';

export async function listDirectory(directory: string, signal?: AbortSignal): Promise<FolderListing> {
  const files: string[] = [];
  const passedOver: PassedOver[] = [];
  const root = await realpath(directory).catch(() => directory);

  const visit = async (folder: string): Promise<void> => {
    throwIfCancelled(signal);
    const entries = await readdir(join(directory, folder), { withFileTypes: true }).catch(() => null);
    if (entries === null) passedOver.push({ name: `${folder}/`, why: 'it cannot be read' });
    for (const entry of entries ?? []) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      // Not a path that `open` would take: a backslash or a colon in a name.
      if (/[\\:]/.test(entry.name))
        passedOver.push({ name: path, why: 'its name cannot be used everywhere' });
      else if (files.length === mostListed) return;
      else if (entry.isFile()) files.push(path);
      else if (entry.isDirectory()) {
        const why = whyNotInto(entry.name, path.split('/').length);
        if (why === null) await visit(path);
        else passedOver.push({ name: `${path}/`, why });
      } else if (entry.isSymbolicLink()) {
        const why = await whyNotFollowed(root, join(directory, path));
        if (why === null) files.push(path);
        else passedOver.push({ name: path, why });
      }
    }
  };
  await visit('');
  if (files.length === mostListed) passedOver.push(tooMany);
  return { files: files.sort(), passedOver };
}

/** A name that only a model's file has; weights are merged, not copied. */
const isUsual = (name: string): boolean => usualFiles.includes(name) || ruleOf(name).exported === 'written';

async function whyNotFollowed(root: string, link: string): Promise<string | null> {
  const target = await realpath(link).catch(() => null);
  const info = target === null ? null : await stat(target).catch(() => null);
  if (target === null || info === null) return 'a link that leads nowhere';
  if (!info.isFile()) return 'a link to a folder';
  const isInside = !relative(root, target).startsWith('..');
  // models--owner--name/snapshots/<commit>/config.json → models--owner--name/blobs/<hash>
  const cache = root.split(sep).slice(0, -2).join(sep);
  const isBlob = root.split(sep).at(-2) === 'snapshots' && target.startsWith(`${cache}${sep}blobs${sep}`);
  const name = basename(link);
  if (isInside || isBlob || (basename(target) === name && isUsual(name))) return null;
  return basename(target) === name
    ? 'a link to a file outside of the folder that is none of a model’s usual ones'
    : 'a link to a file of another name outside of the folder';
}
