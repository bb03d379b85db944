/**
 * Reports what a job downloads from the Hub together with its progress. Each report carries the download so
 * far, and a long download makes reports of its own.
 */
import type { Download, Progress } from '../../../protocol/events.ts';
import type { OpenHub } from '../../io/hub/hub.ts';
import type { TransferSink } from '../../io/hub/transfer.ts';
import type { OpenManifest, TrioPlaces } from './trio-folders.ts';

const gapMs = 66;
const nothingYet: Download = {
  receivedBytes: 0,
  keptBytes: 0,
  damagedBytes: 0,
  neededBytes: null,
  waiting: null,
};

export interface RemotePlaces {
  readonly openManifest: OpenManifest;
  /** Absent where there is no network to be used. */
  readonly openHub?: OpenHub;
}

/** @param body is given the places to open models from, and the function that its progress goes through */
export async function reportingDownloads<T>(
  { openManifest, openHub }: RemotePlaces,
  send: (progress: Progress) => void,
  body: (places: TrioPlaces, report: (progress: Progress) => void) => Promise<T>,
): Promise<T> {
  let download: Download | null = null;
  let last: Progress | null = null;
  let sentMs = -Infinity;
  let running = true;

  const report = (progress: Progress): void => {
    last = progress;
    sentMs = performance.now();
    send(download ? { ...progress, download } : progress);
  };
  const change = (part: Partial<Download>): void => {
    download = { ...nothingYet, ...download, ...part };
    // What is read after the job has ended is nobody's progress.
    if (last && running && (part.waiting !== undefined || performance.now() - sentMs >= gapMs)) report(last);
  };
  const sink: TransferSink = {
    received: (bytes) => change({ receivedBytes: (download?.receivedBytes ?? 0) + bytes }),
    damaged: (bytes) => change({ damagedBytes: (download?.damagedBytes ?? 0) + bytes }),
    kept: (bytes) => change({ keptBytes: (download?.keptBytes ?? 0) + bytes }),
    waiting: (waiting) => change({ waiting }),
  };
  const places: TrioPlaces = {
    openManifest,
    ...(openHub && { openHub: (source, signal) => openHub(source, signal, sink) }),
    expect: (bytes) => change({ neededBytes: bytes }),
  };
  try {
    return await body(places, report);
  } finally {
    running = false;
  }
}
