/**
 * What a repository holds at one commit. All reads go to that commit, so that a push in between changes
 * nothing.
 */
import { StudioError } from '../../../core/errors.ts';
import { JsonError, parseStrictJson, type JsonValue } from '../../../core/strict-json.ts';
import { pathSegments } from '../folders/folder-path.ts';

export interface Listing {
  readonly commit: string;
  readonly paths: ReadonlySet<string>;
  /** SHA-256, lower-case hex, of the files that lie in the storage for large ones; the others have none. */
  readonly sums: ReadonlyMap<string, string>;
}

const mostFiles = 100_000;

/** The answer of `GET /api/models/{repo}/revision/{revision}?blobs=true`. */
export function parseListing(bytes: Uint8Array, repo: string): Listing {
  const refuse = (message: string, value?: string): never => {
    throw new StudioError('bad-file', `The Hub's answer about ${repo} cannot be used: ${message}`, {
      details: { file: repo, ...(value === undefined ? {} : { value: value.slice(0, 120) }) },
    });
  };
  let root: JsonValue;
  try {
    root = parseStrictJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    return refuse(
      cause instanceof JsonError ? `it is not valid JSON, ${cause.message}.` : 'it is not valid UTF-8 text.',
    );
  }
  if (!(root instanceof Map)) return refuse('it is not an object. Check that the endpoint is a Hub.');
  const commit = root.get('sha');
  if (typeof commit !== 'string' || !/^[0-9a-f]{40}$/.test(commit))
    return refuse('it names no commit.', String(commit));
  const siblings = root.get('siblings');
  if (!Array.isArray(siblings) || siblings.length > mostFiles) return refuse('it lists no files.');
  const paths = new Set<string>();
  const sums = new Map<string, string>();
  for (const sibling of siblings) {
    const path = sibling instanceof Map ? sibling.get('rfilename') : undefined;
    if (typeof path !== 'string') return refuse('one of its files has no name.');
    try {
      pathSegments(path);
    } catch {
      return refuse(`it lists “${path.slice(0, 120)}”, which is not a path inside a repository.`, path);
    }
    paths.add(path);
    const lfs = sibling instanceof Map ? sibling.get('lfs') : undefined;
    const sum = lfs instanceof Map ? lfs.get('sha256') : undefined;
    if (sum === undefined) continue;
    if (typeof sum !== 'string' || !/^[0-9a-f]{64}$/.test(sum))
      return refuse(`it names “${String(sum).slice(0, 80)}” as the SHA-256 of ${path}.`, path);
    sums.set(path, sum);
  }
  return { commit, paths, sums };
}
