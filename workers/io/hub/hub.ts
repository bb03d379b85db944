/**
 * Model folders on the Hugging Face Hub. A revision is resolved to its commit first; then files are read by
 * single ranges of `GET /{repo}/resolve/{commit}/{path}`, which the Hub redirects to its storage: no HEAD,
 * and without a token no preflight.
 *
 * What was fetched is kept in `store` and not fetched again, whoever asks. A token is held by the folder it
 * opened, in memory; it is sent to the endpoint, and platforms take it off where the redirect leads to
 * another origin.
 */
import { StudioError } from '../../../core/errors.ts';
import { checkEndpoint, checkRepo, checkRevision, checkToken, publicHub } from '../../../core/hub/names.ts';
import type { HubSource } from '../../../protocol/session.ts';
import { atMost } from '../at-most.ts';
import type { Backoff } from '../http/backoff.ts';
import { sealedCache } from '../cache/sealed-cache.ts';
import type { ByteCache, ModelFolder } from '../contract.ts';
import { pathSegments } from '../folders/folder-path.ts';
import { listPaths } from '../folders/listing.ts';
import { fetchBytes } from '../http/http.ts';
import type { ByteRange, Fetched, FileVersion, HttpOptions } from '../http/contract.ts';
import { pageBytes } from './block.ts';
import { parseListing, type Listing } from './listing.ts';
import { RecentBlocks } from './recent-blocks.ts';
import { explainRefusal, type Asked } from './refusal.ts';
import { remoteSource, type BlockKeeping } from './remote-file.ts';
import { waitingReason, type TransferSink } from './transfer.ts';

export interface HubOptions {
  readonly store: ByteCache | Promise<ByteCache>;
  readonly fetch?: typeof fetch;
  readonly backoff?: Partial<Backoff>;
}

export type OpenHub = (
  source: HubSource,
  signal: AbortSignal | undefined,
  transfer: TransferSink,
) => Promise<ModelFolder>;

/** Over all repositories together. */
const requestsAtOnce = 4;
/**
 * Half a minute of trying where nothing is heard, five where the Hub limits requests; a pause that it asks
 * for may be as long as two.
 */
const hubBackoff: Partial<Backoff> = { attempts: 7, firstMs: 500, longestMs: 120_000 };
/** A file that an endpoint sends only whole. */
const mostWholeBytes = 64 * 2 ** 20;

export function createHub({ store, fetch: get, backoff }: HubOptions): OpenHub {
  const requests = atMost(requestsAtOnce);
  const recent = new RecentBlocks();
  let keeping: BlockKeeping | null = null;

  return async (source, signal, transfer) => {
    keeping ??= { store: sealedCache(await store), recent, requests, keeps: true };
    const blocks = keeping;
    const token = source.token === undefined ? undefined : checkToken(source.token);
    const endpoint = checkEndpoint(source.endpoint ?? publicHub, token !== undefined);
    const repo = checkRepo(source.repo);
    const revision = checkRevision(source.revision);

    const request = (
      url: string,
      name: string,
      path: string | null,
      range: ByteRange | null,
      requestSignal: AbortSignal | undefined,
    ): Promise<Fetched | null> => {
      const asked: Asked = { endpoint, repo, revision, path, withToken: token !== undefined };
      const options: HttpOptions = {
        ...(get && { fetch: get }),
        // The platform's own cache would hold everything a second time, and let only one range of a file be
        // fetched at once.
        init: {
          cache: 'no-store',
          credentials: 'omit',
          referrerPolicy: 'no-referrer',
          ...(token !== undefined && { headers: { Authorization: `Bearer ${token}` } }),
        },
        backoff: { ...hubBackoff, ...backoff },
        explain: explainRefusal(asked),
        mostWholeBytes,
        onBytes: (bytes) => transfer.received(bytes),
        onPause: (pause) => transfer.waiting(pause && waitingReason(pause)),
      };
      return fetchBytes(url, name, range, options, requestSignal);
    };

    const { commit, paths, sums } = await pin();
    const label = `${repo}@${commit.slice(0, 7)}`;
    return {
      label,
      remote: true,
      list: async () => listPaths(paths),
      async open(path, openSignal) {
        const segments = pathSegments(path);
        if (!paths.has(path)) return null;
        const name = `${label}/${path}`;
        const url = `${endpoint}/${repo}/resolve/${commit}/${segments.map(encodeURIComponent).join('/')}`;
        const place = `${endpoint}\n${repo}\n${commit}\n${path}`;
        const fetchRange = (range: ByteRange, rangeSignal: AbortSignal | undefined) =>
          request(url, name, path, range, rangeSignal);

        const known = parseVersion(await blocks.store.get(place, transfer.damaged));
        const start = known
          ? null
          : await blocks.requests(() => fetchRange({ begin: 0, end: pageBytes }, openSignal), openSignal);
        const version = known ?? start?.version;
        if (!version) return null;
        if (start) await blocks.store.put(place, new TextEncoder().encode(JSON.stringify(version)));
        const onChanged = async (): Promise<void> => void (await blocks.store.put(place, new Uint8Array(0)));
        return remoteSource(
          {
            name,
            key: `${place}\n${version.etag ?? ''}\n${version.sizeBytes}`,
            version,
            sha256: sums.get(path) ?? null,
            fetchRange,
            onChanged,
          },
          start,
          blocks,
          transfer,
        );
      },
    };

    async function pin(): Promise<Listing> {
      const url = `${endpoint}/api/models/${repo}/revision/${encodeURIComponent(revision)}?blobs=true`;
      const answer = await requests(() => request(url, repo, null, null, signal), signal);
      if (!answer)
        throw new StudioError('network', `${endpoint} does not answer as the Hub does. Check the endpoint.`, {
          details: { file: repo },
        });
      return parseListing(answer.bytes, repo);
    }
  };
}

/** What is kept of a file beside its blocks: its size, and by which etag to know it again. */
function parseVersion(bytes: Uint8Array | null): FileVersion | null {
  if (!bytes || bytes.length === 0) return null;
  try {
    const { sizeBytes, etag, from } = JSON.parse(new TextDecoder().decode(bytes)) as Partial<FileVersion>;
    const sound =
      typeof sizeBytes === 'number' &&
      Number.isSafeInteger(sizeBytes) &&
      sizeBytes >= 0 &&
      (etag === null || typeof etag === 'string') &&
      typeof from === 'string';
    return sound ? { sizeBytes, etag, from } : null;
  } catch {
    return null;
  }
}
