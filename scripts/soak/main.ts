/** Random actions for as long as is asked for, one line of JSON a round, and what they came to. */
import { mkdirSync, writeFileSync, appendFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { getHeapSnapshot } from 'node:v8';
import * as tf from '@tensorflow/tfjs-core';
import { playRound } from './rounds.ts';
import { realStudio } from './real-studio.ts';

const help = `npm run soak -- [options]

  --minutes N  how long (30)
  --seed N     which actions are drawn (1)
  --state DIR  where one line of JSON is kept for each round (soak-state)

Exit code: 0 all was as promised, 1 something was not, 2 bad usage.
`;

const actionsARound = 40;
const longestPauseMs = 150;
/** On a machine that is busy with something else. */
const hangingMs = 900_000;
/** The last third of the rounds may hold so much more than the second one. */
const [flatShare, flatBytes] = [1.05, 8 * 2 ** 20];

interface Sample {
  readonly heapBytes: number;
  readonly tensors: number;
  readonly tensorBytes: number;
  readonly residentBytes: number;
}

export async function main(words: readonly string[], here: string): Promise<number> {
  let given;
  try {
    given = parseArgs({
      args: [...words],
      options: {
        minutes: { type: 'string', default: '30' },
        seed: { type: 'string', default: '1' },
        state: { type: 'string', default: 'soak-state' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (thrown) {
    process.stderr.write(`${(thrown as Error).message}\n${help}`);
    return 2;
  }
  const [minutes, seed] = [Number(given.minutes), Number(given.seed)];
  if (given.help || !(minutes > 0) || !Number.isSafeInteger(seed)) {
    process.stdout.write(help);
    return given.help ? 0 : 2;
  }
  const file = join(resolve(here, given.state), `soak-seed-${seed}.jsonl`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  const uncaught: string[] = [];
  const keepUncaught = (thrown: unknown): void =>
    void uncaught.push(
      `Nobody caught: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`,
    );
  process.on('uncaughtException', keepUncaught);
  process.on('unhandledRejection', keepUncaught);
  const studio = await realStudio();
  const samples: Sample[] = [];
  const faults: string[] = [];
  let actions = 0;
  const endMs = performance.now() + 60_000 * minutes;
  for (let number = 0; performance.now() < endMs || samples.length < 3; number++) {
    const round = await playRound(studio, {
      seed,
      number,
      actions: actionsARound,
      pauseMs: longestPauseMs,
      hangingMs,
    });
    const found = [...round.faults, ...uncaught.splice(0)];
    const sample = takeSample();
    appendFileSync(file, `${JSON.stringify({ number, actions: round.actions, ...sample, faults: found })}\n`);
    samples.push(sample);
    actions += round.actions;
    faults.push(...found.map((fault) => `round ${number}: ${fault}`));
    process.stderr.write(`\r${actions} actions in ${number + 1} rounds, ${faults.length} faults `);
  }
  const growth = [
    ...growthOf(
      'JavaScript’s own memory',
      samples.map(({ heapBytes }) => heapBytes),
    ),
    ...growthOf(
      'The memory of tensors',
      samples.map(({ tensorBytes }) => tensorBytes),
    ),
  ];
  const all = [...faults, ...growth];
  const mib = (bytes: number | undefined): string => `${Math.round((bytes ?? 0) / 2 ** 20)} MiB`;
  const [first, last] = [samples[1], samples.at(-1)];
  process.stdout.write(
    `\n${file}\n${actions} actions in ${samples.length} rounds of seed ${seed}, ${all.length} faults.\n` +
      `After the second and the last round: ${mib(first?.heapBytes)} and ${mib(last?.heapBytes)} of JavaScript’s own memory, ` +
      `${first?.tensors} and ${last?.tensors} tensors, ${mib(first?.residentBytes)} and ${mib(last?.residentBytes)} resident.\n` +
      all.map((fault) => `✗ ${fault}\n`).join(''),
  );
  return all.length === 0 ? 0 : 1;
}

/** After all that nothing holds is gone: V8 collects until nothing is left to collect only before a snapshot of its heap. */
function takeSample(): Sample {
  getHeapSnapshot().destroy();
  const { heapUsed, external, rss } = process.memoryUsage();
  const { numTensors, numBytes } = tf.memory();
  return { heapBytes: heapUsed + external, tensors: numTensors, tensorBytes: numBytes, residentBytes: rss };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** The first third fills caches, which have bounds of their own. */
function growthOf(what: string, bytes: readonly number[]): string[] {
  const third = Math.floor(bytes.length / 3);
  if (third === 0) return [];
  const [middle, last] = [median(bytes.slice(third, 2 * third)), median(bytes.slice(-third))];
  return last <= middle * flatShare + flatBytes
    ? []
    : [`${what} is not flat: ${middle} bytes in the second third of the rounds, ${last} in the last.`];
}
