/**
 * An export as one .zip, stored without compression (weights do not compress), with 64-bit sizes where they
 * are needed. It is written as a stream: a piece is taken when the one before has gone on.
 */
import { makeZip } from 'client-zip';
import { StudioError } from '../../../core/errors.ts';
import { throwIfCancelled } from '../cancelled.ts';
import type { OutputFolder } from '../contract.ts';
import { pathSegments } from '../folders/folder-path.ts';
import { Handoff } from './handoff.ts';

type Bytes = Uint8Array<ArrayBuffer>;

interface Entry {
  readonly name: string;
  readonly input: AsyncIterable<Bytes>;
  readonly lastModified: Date;
}

/** The first that the format knows, in any time zone: equal exports are equal bytes whenever they are written. */
const noDate = new Date(1980, 0, 1);

/** @param folder the directory within the archive that everything lies in */
export function zipOutput(folder: string, sink: WritableStream<Uint8Array>): OutputFolder {
  const entries = new Handoff<Entry>();
  let pieces: Handoff<Bytes> | null = null;
  const stop = new AbortController();
  const fail = (reason: Error): void => {
    entries.fail(reason);
    pieces?.fail(reason);
  };
  const written = makeZip(entries).pipeTo(sink, { signal: stop.signal });
  written.catch(fail);

  return {
    label: `${folder}.zip`,
    async create(path, signal) {
      throwIfCancelled(signal);
      const name = `${folder}/${pathSegments(path).join('/')}`;
      const own = (pieces = new Handoff<Bytes>());
      await entries.put({ name, input: own, lastModified: noDate });
      return {
        async write(bytes) {
          throwIfCancelled(signal);
          // What was taken is written later, and the caller may reuse his.
          await own.put(bytes.slice());
        },
        close: async () => own.end(),
      };
    },
    async commit() {
      entries.end();
      await written;
    },
    async discard() {
      const stopped = new StudioError('cancelled', 'The archive was given up.');
      stop.abort(stopped);
      fail(stopped);
      await written.catch(() => undefined);
      return [];
    },
  };
}
