/** The thread in which a command runs: what it says, writes and ends with goes to the process (frism.ts). */
import { parentPort, workerData } from 'node:worker_threads';
import { watchDrafts } from '../workers/io/output/directory-output.node.ts';
import { main } from './main.ts';

export interface CommandStart {
  readonly words: readonly string[];
  /** Whether a person watches stderr while it is written. */
  readonly live: boolean;
}

export type FromCommand =
  | { readonly stream: 'stdout' | 'stderr'; readonly text: string }
  /** A path that is being written from now on, or is not any more. */
  | { readonly draft: string; readonly isThere: boolean }
  /** The last one. */
  | { readonly code: number };

const port = parentPort;
if (!port) throw new Error('This runs as a thread only.');
const say = (message: FromCommand): void => port.postMessage(message);
watchDrafts((draft, isThere) => say({ draft, isThere }));
const stop = new AbortController();
port.once('message', () => stop.abort());

const { words, live } = workerData as CommandStart;
say({
  code: await main(
    words,
    {
      stdout: (text) => say({ stream: 'stdout', text }),
      stderr: (text) => say({ stream: 'stderr', text }),
      live,
    },
    stop.signal,
  ),
});
port.close();
