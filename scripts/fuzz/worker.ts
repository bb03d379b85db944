/** The thread in which parsers run, so that whoever watches it can end it. */
import { parentPort, workerData } from 'node:worker_threads';
import { execute, executeMany, type Fault } from './execute.ts';
import { makeInput, seedInputs } from './make-input.ts';
import { parsers } from './parsers.ts';

export interface Order {
  readonly parser: string;
  readonly from: number;
  readonly to: number;
}

/** A fault as soon as it is there, because the thread may be ended before its order is done; null at the end. */
export type Answer = { readonly fault: Fault; readonly input: Uint8Array } | null;

export interface WorkerSetup {
  readonly seed: number;
  /** One Int32: the number of the execution that runs, plus one; 0 while none does. */
  readonly running: SharedArrayBuffer;
}

const { seed, running } = workerData as WorkerSetup;
const now = new Int32Array(running);

parentPort?.on('message', (order: Order) => void run(order));

async function run({ parser, from, to }: Order): Promise<void> {
  const row = parsers.find(({ name }) => name === parser);
  if (!row) throw new Error(`There is no parser “${parser}”.`);
  // What is compiled and loaded once is no work of an input.
  for (const input of seedInputs(row).slice(0, 3)) await execute(row, -1, input);
  await executeMany(row, seed, from, to, {
    before: (index) => Atomics.store(now, 0, index + 1),
    onFault: (fault) => tell({ fault, input: makeInput(row, seed, fault.index) }),
  });
  Atomics.store(now, 0, 0);
  tell(null);
}

function tell(answer: Answer): void {
  parentPort?.postMessage(answer);
}
