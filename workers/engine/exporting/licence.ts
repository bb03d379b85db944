/**
 * The licence that a model's own folder states: in the front matter of its README.md, as the Hub reads it, or
 * by a licence file.
 */
import { isLicenceFile, usualFiles } from '../../../core/reading/folder-rules.ts';
import type { ModelFolder } from '../../io/contract.ts';

export interface Licence {
  /** As in `apache-2.0`; null where the folder does not say. */
  readonly name: string | null;
  /** A file with its text lies in the folder. */
  readonly file: string | null;
}

/** Front matter stands at the beginning; a card may be long. */
const readBytes = 64 * 1024;

/** What cannot be read is not known: a card is no reason for an export to fail. */
export async function readLicence(folder: ModelFolder, signal: AbortSignal): Promise<Licence> {
  const open = (path: string) => folder.open(path, signal).catch(() => null);
  const card = await open('README.md');
  const bytes = card && (await card.read(0, Math.min(card.sizeBytes, readBytes), signal).catch(() => null));
  const listing = await folder.list?.(signal).catch(() => null);
  let file: string | null = null;
  for (const path of (listing?.files ?? usualFiles).filter(isLicenceFile))
    if (file === null && (await open(path))) file = path;
  signal.throwIfAborted();
  return { name: bytes ? licenceOf(new TextDecoder().decode(bytes)) : null, file };
}

/**
 * `license:` of YAML front matter, or what `license_name:` says where that is `other`. Line by line, because a card
 * may hold lines as long as it is.
 */
export function licenceOf(card: string): string | null {
  const matter = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---/.exec(card)?.[1];
  const lines = matter?.split('\n') ?? [];
  const value = (key: string): string | null => {
    const line = lines.find((one) => one.startsWith(`${key}:`));
    const found = line
      ?.slice(key.length + 1)
      .trim()
      .replace(/^(['"])(.*)\1$/, '$2');
    // A list or a block is no name; neither is anything long.
    return found && /^[\w .,+()/-]{1,80}$/.test(found) ? found : null;
  };
  const licence = value('license');
  return licence === 'other' ? (value('license_name') ?? licence) : licence;
}
