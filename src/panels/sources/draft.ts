/** What a person has put into the dialog so far, and the source that comes of it once it is complete. */
import { roles, type Role } from '../../../core/family/trio.ts';
import { StudioError } from '../../../core/errors.ts';
import { checkEndpoint, checkRevision, checkToken, parseRepoName } from '../../../core/hub/names.ts';
import { parseKinds, parseLayers, selectsAll, type LayerSelection } from '../../../core/family/selection.ts';
import type { FolderSource, HubSource, PartSource, TrioSource } from '../../../protocol/session.ts';
import { obviousProblem } from './folder.ts';

export interface PartDraft {
  readonly from: 'folder' | 'hub';
  readonly folder: FolderSource | null;
  /** As typed: `owner/name` or the address of a repository's page. */
  readonly repo: string;
  readonly revision: string;
}

export interface Draft {
  /** A folder with a manifest.json, which names the three models and their data; it takes the place of the parts. */
  readonly trio: FolderSource | null;
  readonly parts: Readonly<Record<Role, PartDraft>>;
  /** Of all repositories; empty for none. */
  readonly token: string;
  /** Empty for the public Hub. */
  readonly endpoint: string;
  /** As typed; empty for all. */
  readonly layers: string;
  readonly kinds: string;
}

const emptyPart: PartDraft = { from: 'folder', folder: null, repo: '', revision: 'main' };
export const emptyDraft: Draft = {
  trio: null,
  parts: { base: emptyPart, vlm: emptyPart, lrm: emptyPart },
  token: '',
  endpoint: '',
  layers: '',
  kinds: '',
};

export const samePart = (a: PartDraft, b: PartDraft): boolean =>
  a.from === b.from && a.folder === b.folder && a.repo === b.repo && a.revision === b.revision;

export const usesHub = ({ trio, parts }: Draft): boolean =>
  trio === null && roles.some((role) => parts[role].from === 'hub');

/** What is wrong with a field, in a sentence; null where nothing is. */
function problemOf(check: () => unknown): string | null {
  try {
    check();
    return null;
  } catch (thrown) {
    if (thrown instanceof StudioError) return thrown.message;
    throw thrown;
  }
}

/** An empty field has no problem: it is only not filled in yet. */
export const repoProblem = ({ repo }: PartDraft, endpoint: string): string | null =>
  repo.trim() === '' ? null : problemOf(() => parseRepoName(repo, endpoint.trim() || undefined));
export const revisionProblem = ({ revision }: PartDraft): string | null =>
  revision.trim() === '' ? null : problemOf(() => checkRevision(revision.trim()));
export const tokenProblem = ({ token }: Draft): string | null =>
  token.trim() === '' ? null : problemOf(() => checkToken(token));
export const endpointProblem = ({ endpoint, token }: Draft): string | null =>
  endpoint.trim() === ''
    ? null
    : (problemOf(() => checkEndpoint(endpoint, token.trim() !== '')) ?? outOfReach(endpoint.trim()));

/** What the policy of the site lets its workers connect to (scripts/site-headers.ts). */
const reachable = /^(https:|http:\/\/(localhost|127\.0\.0\.1)(:|\/|$))/i;

const outOfReach = (endpoint: string): string | null =>
  reachable.test(endpoint)
    ? null
    : 'The page reads from other machines over https alone, and from this one by http://localhost or http://127.0.0.1. Give such an address, or use the command line, which reads over http too.';

export const layersProblem = ({ layers }: Draft): string | null => problemOf(() => parseLayers(layers));
export const kindsProblem = ({ kinds }: Draft): string | null => problemOf(() => parseKinds(kinds));

/** Null while something is wrong with it. */
export function draftSelection(draft: Draft): LayerSelection | null {
  return layersProblem(draft) || kindsProblem(draft)
    ? null
    : { layers: parseLayers(draft.layers), kinds: parseKinds(draft.kinds) };
}

/** A pasted address becomes the name and the revision that it means. */
export function tidied(part: PartDraft, endpoint: string): PartDraft {
  if (part.repo.trim() === '' || repoProblem(part, endpoint)) return part;
  const { repo, revision } = parseRepoName(part.repo, endpoint.trim() || undefined);
  return { ...part, repo, revision: revision ?? part.revision };
}

/** Null while it is not filled in or where something is wrong with it. */
export function partSource(draft: Draft, role: Role): PartSource | null {
  const part = draft.parts[role];
  if (part.from === 'folder') return part.folder && !obviousProblem(part.folder, role) ? part.folder : null;
  if (
    part.repo.trim() === '' ||
    repoProblem(part, draft.endpoint) ||
    revisionProblem(part) ||
    tokenProblem(draft) ||
    endpointProblem(draft)
  )
    return null;
  const { repo, revision } = tidied(part, draft.endpoint);
  const source: HubSource = { kind: 'hub', repo, revision: revision.trim() || 'main' };
  return {
    ...source,
    ...(draft.token.trim() && { token: draft.token.trim() }),
    ...(draft.endpoint.trim() && { endpoint: draft.endpoint.trim() }),
  };
}

/** Null while a part is missing. */
export function trioSource(draft: Draft): TrioSource | null {
  const [base, vlm, lrm] = [partSource(draft, 'base'), partSource(draft, 'vlm'), partSource(draft, 'lrm')];
  const selection = draftSelection(draft);
  if (!selection) return null;
  const chosen = selectsAll(selection) ? {} : { selection };
  if (draft.trio) return { kind: 'manifest-folder', folder: draft.trio, ...chosen };
  if (!base || !vlm || !lrm) return null;
  if (!('kind' in base) && !('kind' in vlm) && !('kind' in lrm))
    return { kind: 'folders', base, vlm, lrm, ...chosen };
  return { kind: 'parts', base, vlm, lrm, ...chosen };
}
