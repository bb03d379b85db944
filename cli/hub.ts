/**
 * Models on the Hub as a command line names them: `hub:owner/name`, or `hub:owner/name@revision`. They are
 * read by ranges, as the page reads them, and what was read is kept on disk. The token for gated and private
 * repositories is taken from HF_TOKEN and a mirror from HF_ENDPOINT, as the Hub's own tools do; the token is
 * sent to that endpoint and nowhere else.
 */
import { join } from 'node:path';
import { parseRepoName } from '../core/hub/names.ts';
import type { Progress } from '../protocol/events.ts';
import type { HubSource } from '../protocol/session.ts';
import type { ModelFolder } from '../workers/io/contract.ts';
import { directoryCache } from '../workers/io/cache/directory-cache.node.ts';
import { createHub, type OpenHub } from '../workers/io/hub/hub.ts';
import type { TransferSink } from '../workers/io/hub/transfer.ts';
import { cacheDirectory } from './cache-directory.ts';

const prefix = 'hub:';
const maxBytes = 64 * 2 ** 30;
/** What was downloaded an hour ago makes place for what is downloaded now. */
const freshMs = 3_600_000;

export const isHubName = (name: string): boolean => name.startsWith(prefix);

export function hubSource(name: string): HubSource {
  const [repository = '', wanted] = name.slice(prefix.length).split(/@(.*)/s);
  const { HF_TOKEN: token, HF_ENDPOINT: endpoint } = process.env;
  const { repo, revision } = parseRepoName(repository, endpoint || undefined);
  return {
    kind: 'hub',
    repo,
    revision: wanted ?? revision ?? 'main',
    ...(token && { token }),
    ...(endpoint && { endpoint }),
  };
}

let opened: OpenHub | undefined;

/** There is one for the whole process, because it bounds the requests of all models together. */
export const openHub: OpenHub = (source, signal, transfer) =>
  (opened ??= createHub({ store: directoryCache(join(cacheDirectory(), 'hub'), { maxBytes, freshMs }) }))(
    source,
    signal,
    transfer,
  );

/** @param onProgress told why nothing comes, while a request waits to be tried again, and what had been damaged */
export function openHubFolder(
  name: string,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<ModelFolder> {
  const begunMs = performance.now();
  let receivedBytes = 0;
  const say = (stage: string, damagedBytes = 0): void =>
    onProgress({
      stage,
      done: receivedBytes,
      total: receivedBytes,
      unit: 'bytes',
      elapsedMs: performance.now() - begunMs,
      etaMs: null,
      download: { receivedBytes, keptBytes: 0, damagedBytes, neededBytes: null, waiting: null },
    });
  const sink: TransferSink = {
    received: (bytes) => (receivedBytes += bytes),
    kept: () => undefined,
    damaged: (bytes) => say(`Reading ${name}`, bytes),
    waiting: (reason) => reason !== null && say(reason),
  };
  return openHub(hubSource(name), signal, sink);
}
