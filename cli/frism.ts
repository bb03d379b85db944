/** The process around main: streams, Ctrl+C, exit code. */
import { main } from './main.ts';

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());
process.exitCode = await main(
  process.argv.slice(2),
  {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    live: process.stderr.isTTY,
  },
  stop.signal,
);
