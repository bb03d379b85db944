/**
 * What the Hub's answers mean, in sentences that a person can act on. The header X-Error-Code tells cases
 * apart that share a status. Mirrors do not send it and browsers may hide it, and then only the status is
 * known. A repository that may not be seen is answered like one that does not exist.
 */
import { StudioError } from '../../../core/errors.ts';

export interface Asked {
  readonly endpoint: string;
  readonly repo: string;
  readonly revision: string;
  /** The file that was asked for; null for the repository itself. */
  readonly path: string | null;
  readonly withToken: boolean;
}

export function explainRefusal(asked: Asked): (response: Response) => StudioError | 'missing' | null {
  const { endpoint, repo, revision, path, withToken } = asked;
  const page = `${endpoint}/${repo}`;
  return ({ status, headers, url }) => {
    const say = (code: 'missing' | 'network', message: string, retryable = false): StudioError =>
      new StudioError(code, message, {
        retryable,
        details: { file: path === null ? repo : `${repo}/${path}`, value: status },
      });
    const reason = headers.get('x-error-code') ?? '';
    if (status === 429)
      return say(
        'network',
        'The Hub limits how often it is asked (HTTP 429). Try again in a few minutes; with a token the limit is higher.',
        true,
      );
    if (status >= 500)
      return say('network', `The Hub has a fault of its own (HTTP ${status}). Try again later.`, true);
    // Links to the storage behind the Hub are short-lived: the next attempt is given a new one.
    if ((status === 401 || status === 403) && url && new URL(url).origin !== new URL(endpoint).origin) {
      return say(
        'network',
        `The storage behind the Hub refused ${repo}/${path ?? ''} (HTTP ${status}). Try again.`,
        true,
      );
    }
    if (reason === 'GatedRepo') {
      return withToken
        ? say(
            'network',
            `${repo} is gated and this token's account has no access yet. Accept the licence on ${page}, or wait until access is granted.`,
          )
        : say(
            'network',
            `${repo} is gated. Accept its licence on ${page}, then give a token of the same account.`,
          );
    }
    if (status === 401 || status === 403) {
      return withToken
        ? say(
            'network',
            `The Hub does not accept this token for ${repo} (HTTP ${status}). Check that it is complete, still valid and may read this repository, and that its account has accepted the licence on ${page}.`,
          )
        : say(
            'missing',
            `The Hub has no public repository ${repo}. Check the name. If the repository is private or gated, give a token that may read it.`,
          );
    }
    if (status === 404 && reason === 'RevisionNotFound')
      return say(
        'missing',
        `${repo} has no revision “${revision}”. Give a branch (main), a tag or a commit.`,
      );
    if (status === 404 && (reason === 'RepoNotFound' || (path === null && reason === ''))) {
      return say(
        'missing',
        `The Hub has no repository ${repo} with a revision “${revision}”${withToken ? ' that this token may see' : ''}. Check the name.`,
      );
    }
    if (status === 404) return 'missing';
    return null;
  };
}
