/**
 * The process around a command: streams, signals, exit code. The command itself runs in a thread of its own
 * (command.thread.ts), so that a signal is obeyed however long one of its operations computes.
 */
import { fstatSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { removeDrafts } from '../workers/io/output/directory-output.node.ts';
import type { CommandStart, DraftMessage, FromCommand } from './command.thread.ts';

/**
 * What a signal stopped takes its drafts away and ends by itself; what does not come to it within this time is ended.
 * A busy machine adds to it until the process is gone, which is to be within a second (npm run kills).
 */
const graceMs = 400;

/** That the command's thread is writing. */
const drafts = new Set<string>();
/** It says so before it writes, here, so that what is said can be heard when everything is to end at once. */
const said = new MessageChannel();
const hear = ({ draft, isThere }: DraftMessage): void => void drafts[isThere ? 'add' : 'delete'](draft);
said.port1.on('message', hear);
said.port1.unref();
let ending: (() => never) | null = null;

function removeAll(): void {
  for (let next = receiveMessageOnPort(said.port1); next; next = receiveMessageOnPort(said.port1))
    hear(next.message as DraftMessage);
  removeDrafts(drafts);
}

/** Ends the process when the command has stopped, or cuts it off. */
function end(code: number, signal: NodeJS.Signals | null): void {
  if (ending) return;
  ending = () => {
    removeAll();
    if (signal !== null) {
      // Node would wait for what the thread is at. The system does not, and tells of the signal as of any program's.
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
    // Of what a container starts first, the system does not obey it.
    return process.exit(code);
  };
  thread.postMessage('stop');
  setTimeout(ending, graceMs);
}

const stdoutIsFile = fstatSync(process.stdout.fd).isFile();
const heapMiB = Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20);
const start: CommandStart = { words: process.argv.slice(2), live: process.stderr.isTTY, drafts: said.port2 };
const thread = new Worker(new URL('command-thread.js', import.meta.url), {
  workerData: start,
  transferList: [said.port2],
  // A thread is given less by default than the process may have.
  resourceLimits: { maxOldGenerationSizeMb: heapMiB },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => end(128 + constants.signals[signal], signal));
// A reader that has gone away, as `head` does, is no fault of the command; a full disk behind a redirection is.
const unwritten = ({ code, message }: NodeJS.ErrnoException): void => {
  if (code !== 'EPIPE') process.stderr.write(`frism: the output could not be written: ${message}\n`);
  end(code === 'EPIPE' ? 128 + constants.signals.SIGPIPE : 1, null);
};
process.stdout.on('error', unwritten);

/** Node’s own stream takes no notice where a disk takes only a part of what is written to a file. */
function writeOut(text: string): void {
  if (!stdoutIsFile) return void process.stdout.write(text);
  try {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length;) done += writeSync(process.stdout.fd, bytes, done);
  } catch (thrown) {
    unwritten(thrown as NodeJS.ErrnoException);
  }
}
// Nobody reads what is said there, and nothing is lost by it.
process.stderr.on('error', () => undefined);

const write = { stdout: writeOut, stderr: (text: string) => void process.stderr.write(text) };
thread.on('message', (message: FromCommand) => {
  if ('text' in message) write[message.stream](message.text);
  else process.exitCode = message.code;
});
thread.on('error', (thrown: NodeJS.ErrnoException) => {
  removeAll();
  process.exitCode = 1;
  process.stderr.write(
    thrown.code === 'ERR_WORKER_OUT_OF_MEMORY'
      ? `frism: this takes more memory than JavaScript may have here, ${heapMiB} MiB. The setting NODE_OPTIONS=--max-old-space-size=${2 * heapMiB} allows twice as much.\n`
      : `${thrown.stack ?? thrown.message}\n`,
  );
});
thread.on('exit', () => ending?.());
