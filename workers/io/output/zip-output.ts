/**
 * An export as one .zip, stored without compression (weights do not compress), with 64-bit sizes where they
 * are needed. It is written as a stream: a piece is taken when the one before has gone on.
 */
import { makeZip } from 'client-zip';
import { throwIfCancelled } from '../cancelled.ts';
import type { OutputFolder } from '../contract.ts';
import { pathSegments } from '../folders/folder-path.ts';

type Bytes = Uint8Array<ArrayBuffer>;

interface Entry {
  readonly name: string;
  readonly input: ReadableStream<Bytes>;
  readonly lastModified: Date;
}

/** @param folder the directory within the archive that everything lies in */
export function zipOutput(folder: string, sink: WritableStream<Uint8Array>): OutputFolder {
  const entries = new TransformStream<Entry, Entry>();
  const entry = entries.writable.getWriter();
  const stop = new AbortController();
  const written = makeZip(each(entries.readable)).pipeTo(sink, { signal: stop.signal });
  // Heard at the next write; until then it must not count as unhandled.
  written.catch(() => undefined);
  const orFailure = <T>(step: Promise<T>): Promise<T> => Promise.race([step, written.then(() => step)]);
  const lastModified = new Date();

  return {
    label: `${folder}.zip`,
    async create(path, signal) {
      throwIfCancelled(signal);
      const file = new TransformStream<Bytes, Bytes>();
      const writer = file.writable.getWriter();
      await orFailure(
        entry.write({
          name: `${folder}/${pathSegments(path).join('/')}`,
          input: file.readable,
          lastModified,
        }),
      );
      return {
        async write(bytes) {
          throwIfCancelled(signal);
          // The piece stays in the stream until it is taken, and the caller may reuse his.
          await orFailure(writer.write(bytes.slice()));
        },
        close: () => orFailure(writer.close()),
      };
    },
    async commit() {
      await orFailure(entry.close());
      await written;
    },
    async discard() {
      stop.abort();
      await written.catch(() => undefined);
      return [];
    },
  };
}

async function* each<T>(stream: ReadableStream<T>): AsyncGenerator<T, void, undefined> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
