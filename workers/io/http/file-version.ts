/** Whether a file on a server is still the one that was read before. */
import { StudioError } from '../../../core/errors.ts';
import type { FileVersion } from './contract.ts';

const strongEtag = (etag: string | null): string | null => etag?.replace(/^W\//, '') ?? null;

export function sameVersion(a: FileVersion, b: FileVersion): boolean {
  return a.sizeBytes === b.sizeBytes && (a.from !== b.from || strongEtag(a.etag) === strongEtag(b.etag));
}

export function changedError(name: string): StudioError {
  return new StudioError(
    'changed',
    `${name}: changed on the server while it was being read. Open it again.`,
    { retryable: true, details: { file: name } },
  );
}
