/** The thread in which a command runs: what it says, writes and ends with goes to the process (frism.ts). */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { watchDrafts } from '../workers/io/output/directory-output.node.ts';
import { main } from './main.ts';

export interface CommandStart {
  readonly words: readonly string[];
  /** Whether a person watches stderr while it is written. */
  readonly live: boolean;
  /** Takes `DraftMessage`s. */
  readonly drafts: MessagePort;
}

/** A path that is being written from now on, or is not any more. */
export interface DraftMessage {
  readonly draft: string;
  readonly isThere: boolean;
}

export type FromCommand =
  | { readonly stream: 'stdout' | 'stderr'; readonly text: string }
  /** The last one. */
  | { readonly code: number };

const port = parentPort;
if (!port) throw new Error('This runs as a thread only.');
const say = (message: FromCommand): void => port.postMessage(message);
const stop = new AbortController();
port.once('message', () => stop.abort());

const { words, live, drafts } = workerData as CommandStart;
watchDrafts((draft, isThere) => drafts.postMessage({ draft, isThere } satisfies DraftMessage));
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
drafts.close();
