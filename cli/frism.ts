/** The process around main: streams, signals, exit code. */
import { constants } from 'node:os';
import { removeDrafts } from '../workers/io/output/directory-output.node.ts';
import { main } from './main.ts';

/**
 * What a signal stopped takes its drafts away by itself; what does not come to it within this time is ended. A busy
 * machine adds to it until the process is gone, which is to be within a second (npm run kills).
 */
const graceMs = 400;

const stop = new AbortController();
let ended: number | null = null;

function end(code: number): void {
  if (ended !== null) return;
  ended = code;
  stop.abort();
  setTimeout(() => {
    removeDrafts();
    process.exit(code);
  }, graceMs).unref();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => end(128 + constants.signals[signal]));
// A reader that has gone away, as `head` does, is no fault of the command; a full disk behind a redirection is.
process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (code !== 'EPIPE') process.stderr.write(`frism: the output could not be written: ${message}\n`);
  end(code === 'EPIPE' ? 128 + constants.signals.SIGPIPE : 1);
});
// Nobody reads what is said there, and nothing is lost by it.
process.stderr.on('error', () => undefined);

const code = await main(
  process.argv.slice(2),
  {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    live: process.stderr.isTTY,
  },
  stop.signal,
);
process.exitCode = ended ?? code;
