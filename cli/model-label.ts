/** What a model on disk is called in findings, recipes and model cards, which go on to other people. */
import { basename, resolve, sep } from 'node:path';

/**
 * The name of the folder or file, never where it lies. A folder in the cache of the Hub's own tools is named after a
 * commit alone and lies under its repository's name, which then is the model's, as it is where the Hub is read.
 */
export function modelLabel(path: string): string {
  const full = resolve(path);
  const [repository = '', between, commit = ''] = full.split(sep).slice(-3);
  const [kind, owner = '', name = '', ...rest] = repository.split('--');
  const isSnapshot = kind === 'models' && between === 'snapshots' && /^[0-9a-f]{40}$/.test(commit);
  const isNamed = [owner, name].every((part) => /^[\w.-]+$/.test(part)) && rest.length === 0;
  return isSnapshot && isNamed ? `${owner}/${name}@${commit.slice(0, 7)}` : basename(full) || full;
}
