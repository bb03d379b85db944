/**
 * Names on the Hugging Face Hub, checked before they become part of an address: repository ids, revisions,
 * endpoints, tokens. What a person pastes (a repository's page, an id with spaces around it) is understood;
 * what could lead elsewhere is refused with the reason.
 */
import { StudioError } from '../errors.ts';

/** The one place where the public Hub's address is written. */
export const publicHub = 'https://huggingface.co';

export interface RepoName {
  /** `owner/name` or `name`. */
  readonly repo: string;
  /** Where a pasted address names one. */
  readonly revision: string | null;
}

const part = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,95}$/;

function refuse(message: string, value: string): never {
  throw new StudioError('bad-request', message, { details: { value: value.slice(0, 120) } });
}

/** Addresses under which the public Hub's pages are known. */
const publicHosts = new Set(['huggingface.co', 'www.huggingface.co', 'hf.co']);

/**
 * `owner/name`, `name`, or the address of a repository's page on the public Hub or on the endpoint that is asked:
 * a page of any other server would be looked for where it is not.
 */
export function parseRepoName(text: string, endpoint: string = publicHub): RepoName {
  const trimmed = text.trim();
  if (!/^https?:\/\//i.test(trimmed)) return { repo: checkRepo(trimmed), revision: null };
  let segments: string[];
  let host: string;
  try {
    const url = new URL(trimmed);
    host = url.host;
    segments = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    return refuse(`“${trimmed.slice(0, 120)}” is not the address of a model repository.`, trimmed);
  }
  if (!publicHosts.has(host) && host !== hostOf(endpoint))
    return refuse(
      `“${trimmed.slice(0, 120)}” is a page of ${host.slice(0, 80)}, and models are fetched from ${endpoint.slice(0, 80)}. Give the repository as owner/name, and a mirror as the endpoint.`,
      trimmed,
    );
  const tree = segments.findIndex((segment) => ['tree', 'blob', 'resolve', 'commit'].includes(segment));
  const repo = checkRepo(segments.slice(0, tree < 0 ? 2 : tree).join('/'));
  const revision = tree < 0 ? undefined : segments[tree + 1];
  return { repo, revision: revision === undefined ? null : checkRevision(revision) };
}

function hostOf(address: string): string | null {
  try {
    return new URL(address).host;
  } catch {
    return null;
  }
}

/** The Hub's own rules: one or two parts of letters, digits, `.`, `_` and `-`, neither `..` nor `--`. */
export function checkRepo(repo: string): string {
  if (repo === '') return refuse('Give the repository as owner/name.', repo);
  const parts = repo.split('/');
  const sound =
    parts.length <= 2 && parts.every((name) => part.test(name) && !/\.\.|--|[.-]$|\.git$/.test(name));
  return sound
    ? repo
    : refuse(
        `“${repo.slice(0, 120)}” is not the name of a model repository: it must look like owner/name.`,
        repo,
      );
}

/** A branch, a tag or a commit, as git allows them. */
export function checkRevision(revision: string): string {
  const sound =
    revision.length > 0 &&
    revision.length <= 255 &&
    !/[\s\\^:?*~[\x00-\x1f\x7f]|\.\.|\/\/|^[/.-]|[/.]$/.test(revision);
  return sound
    ? revision
    : refuse(
        `“${revision.slice(0, 120)}” is not a revision: give a branch (main), a tag or a commit.`,
        revision,
      );
}

/**
 * The checked address of an endpoint, without a slash at its end. A token goes over an encrypted connection
 * or stays on this machine.
 */
export function checkEndpoint(endpoint: string, withToken: boolean): string {
  let url: URL;
  try {
    url = new URL(endpoint.trim());
  } catch {
    return refuse(
      `“${endpoint.slice(0, 120)}” is not an address: a mirror is given like https://example.org.`,
      endpoint,
    );
  }
  if (!/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    return refuse(
      'The endpoint must be a plain https address, without a name, a password or a query in it.',
      url.protocol,
    );
  }
  const local = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (withToken && url.protocol === 'http:' && !local)
    return refuse(
      'A token is only sent over https: give the endpoint with https, or no token.',
      url.hostname,
    );
  return url.origin + url.pathname.replace(/(?<!\/)\/+$/, '');
}

/**
 * Anything else could not be sent in a header, and is a slip of the clipboard. The token itself stays out of
 * the error.
 */
export function checkToken(token: string): string {
  const trimmed = token.trim();
  if (!/^[\x21-\x7e]{1,512}$/.test(trimmed))
    throw new StudioError(
      'bad-request',
      'This is not an access token: it must be one word, as the Hub shows it once.',
    );
  return trimmed;
}
