/**
 * The long form of fuzzing: millions of executions, in a thread that is ended when it hangs or takes too much memory,
 * in turns over all parsers. What was done is kept after each turn, and Ctrl C stops between two.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Fault } from './execute.ts';
import { makeInput } from './make-input.ts';
import type { ParserRow } from './parser.ts';
import { parsers, planExecutions } from './parsers.ts';
import { keep, readState, writeState, type FuzzState } from './state.ts';
import { WatchedThread } from './watched.ts';

const help = `npm run fuzz -- [options]

  --executions N  in all, over all parsers (2000000)
  --seed N        which inputs are made (1)
  --state DIR     where what was done and found is kept (fuzz-state); the same folder goes on
  --only WORDS    parsers whose name has these words
  --list          the parsers and their executions, and nothing else

Exit code: 0 nothing was found, 1 something was, 2 bad usage.
`;

/** Executions of a parser of share 1 at a time. */
const turn = 4000;

export async function main(words: readonly string[], workerFile: string, here: string): Promise<number> {
  let given;
  try {
    given = parseArgs({
      args: [...words],
      options: {
        executions: { type: 'string', default: '2000000' },
        seed: { type: 'string', default: '1' },
        state: { type: 'string', default: 'fuzz-state' },
        only: { type: 'string', default: '' },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (thrown) {
    process.stderr.write(`${(thrown as Error).message}\n${help}`);
    return 2;
  }
  const [inAll, seed] = [Number(given.executions), Number(given.seed)];
  const chosen = parsers.filter(({ name }) => name.includes(given.only));
  if (given.help || chosen.length === 0 || !Number.isSafeInteger(inAll) || !Number.isSafeInteger(seed)) {
    process.stdout.write(help);
    return given.help ? 0 : 2;
  }
  const plan = planExecutions(chosen, inAll);
  if (given.list) {
    for (const [name, count] of plan) process.stdout.write(`${String(count).padStart(9)}  ${name}\n`);
    return 0;
  }
  const folder = resolve(here, given.state);
  const state = readState(folder, seed);
  let stop = false;
  process.once('SIGINT', () => {
    stop = true;
    process.stderr.write('\nStopping after this turn; the same command goes on.\n');
  });
  await fuzz({ chosen, plan, state, folder, workerFile, stopped: () => stop });
  return report(chosen, state, folder);
}

interface Work {
  readonly chosen: readonly ParserRow[];
  readonly plan: ReadonlyMap<string, number>;
  readonly state: FuzzState;
  readonly folder: string;
  readonly workerFile: string;
  readonly stopped: () => boolean;
}

async function fuzz({ chosen, plan, state, folder, workerFile, stopped }: Work): Promise<void> {
  const thread = new WatchedThread(workerFile, state.seed);
  const left = (row: ParserRow): number => (plan.get(row.name) ?? 0) - (state.executed[row.name] ?? 0);
  const say = (text: string): void => void process.stderr.write(text);
  for (let turns = 0; !stopped() && chosen.some((row) => left(row) > 0); turns++) {
    for (const row of chosen) {
      if (stopped()) break;
      const from = state.executed[row.name] ?? 0;
      const to = from + Math.min(left(row), Math.max(20, Math.round(turn * (row.share ?? 1))));
      if (to <= from) continue;
      const kept = (fault: Fault, input: Uint8Array): void => {
        if (keep(folder, state, fault, input)) say(`\n✗ ${row.name}: ${fault.what}\n`);
      };
      const outcome = await thread.run({ parser: row.name, from, to }, kept);
      if (outcome.kind !== 'done') {
        // Once more alone, in a thread of its own: what others left behind is not this input's.
        const { index } = outcome;
        const again = await thread.run({ parser: row.name, from: index, to: index + 1 }, kept);
        if (again.kind !== 'done')
          kept({ parser: row.name, index, what: again.what, stack: '' }, makeInput(row, state.seed, index));
      }
      state.executed[row.name] = outcome.kind === 'done' ? to : outcome.index + 1;
      writeState(folder, state);
    }
    const done = chosen.reduce((sum, { name }) => sum + (state.executed[name] ?? 0), 0);
    say(`\r${done} executions, ${Object.keys(state.found).length} faults `);
  }
  await thread.end();
}

function report(chosen: readonly ParserRow[], state: FuzzState, folder: string): number {
  const found = Object.values(state.found);
  const lines = chosen.map(({ name }) => `${String(state.executed[name] ?? 0).padStart(9)}  ${name}`);
  const done = chosen.reduce((sum, { name }) => sum + (state.executed[name] ?? 0), 0);
  process.stdout.write(
    `\n${lines.join('\n')}\n${done} executions of seed ${state.seed}, ${found.length} faults.\n`,
  );
  for (const { parser, what, times, file, sizeBytes } of found)
    process.stdout.write(
      `✗ ${parser}: ${what}\n  ${times} times; the shortest input is ${folder}/${file} (${sizeBytes} bytes)\n`,
    );
  return found.length === 0 ? 0 : 1;
}
