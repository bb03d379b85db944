/** The long form of kills: hundreds of them, one line of JSON each, and what they came to. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { commandLineKills, type CommandLineKill } from './command-line.ts';
import { countKinds, openKillLog, quantile, type Kill } from './kill-log.ts';

const help = `npm run kills -- [options]

  --count N    kills in all (200)
  --seed N     which moments are chosen (1)
  --state DIR  where one line of JSON is kept for each kill (kills-state); the same folder goes on

Exit code: 0 all was as promised, 1 something was not, 2 bad usage.
`;

/** A signal that a program may obey is obeyed within this. */
const obeyedMs = 1000;

export interface KillsPlaces {
  /** The directory in which the script was started. */
  readonly here: string;
  /** Path of the bundled command line. */
  buildCommandLine(): Promise<string>;
}

export async function main(words: readonly string[], places: KillsPlaces): Promise<number> {
  let given;
  try {
    given = parseArgs({
      args: [...words],
      options: {
        count: { type: 'string', default: '200' },
        seed: { type: 'string', default: '1' },
        state: { type: 'string', default: 'kills-state' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (thrown) {
    process.stderr.write(`${(thrown as Error).message}\n${help}`);
    return 2;
  }
  const [count, seed] = [Number(given.count), Number(given.seed)];
  if (given.help || !Number.isSafeInteger(count) || !Number.isSafeInteger(seed)) {
    process.stdout.write(help);
    return given.help ? 0 : 2;
  }
  const fileOf = (what: string): string =>
    join(resolve(places.here, given.state), `${what}-seed-${seed}.jsonl`);
  const bench = commandLineKills(await places.buildCommandLine(), seed);
  try {
    const kills = await make(count, fileOf('command-line'), async (number) => {
      const kill = await bench.kill(number);
      return { ...kill, faults: [...kill.faults, ...lateFault(kill)] };
    });
    return report(kills, obedience(kills));
  } finally {
    bench.end();
  }
}

async function make<K extends Kill>(
  count: number,
  file: string,
  kill: (number: number) => Promise<K>,
): Promise<readonly K[]> {
  const log = openKillLog<K>(file);
  for (let number = log.kills.length; number < count; number++) {
    const made = await kill(number);
    log.add(made);
    for (const fault of made.faults) process.stderr.write(`\n✗ ${number}: ${made.kind}: ${fault}\n`);
    const broken = log.kills.filter(({ faults }) => faults.length > 0).length;
    process.stderr.write(`\r${number + 1} of ${count}, ${broken} with a fault `);
  }
  process.stderr.write(`\n${file}\n`);
  return log.kills;
}

const mayObey = ({ signal }: CommandLineKill): boolean => signal !== 'SIGKILL';

const lateFault = (kill: CommandLineKill): string[] =>
  mayObey(kill) && kill.endMs > obeyedMs
    ? [`It ran on for ${Math.round(kill.endMs)} ms after ${kill.signal}.`]
    : [];

function obedience(kills: readonly CommandLineKill[]): string {
  const took = kills.filter(mayObey).map(({ endMs }) => endMs);
  const inTime = took.filter((ms) => ms <= obeyedMs).length;
  const [median, longest] = [0.5, 1].map((share) => Math.round(quantile(took, share)));
  return `${inTime} of ${took.length} signals were obeyed within ${obeyedMs} ms: ${median} ms in the median, ${longest} ms at most.\n`;
}

function report(kills: readonly Kill[], summary: string): number {
  const broken = kills.filter(({ faults }) => faults.length > 0);
  const faults = broken.flatMap(({ number, kind, faults: all }) =>
    all.map((fault) => `✗ ${number}: ${kind}: ${fault}\n`),
  );
  process.stdout.write(
    `${countKinds(kills)}${summary}${faults.join('')}${kills.length} kills, ${broken.length} with a fault.\n`,
  );
  return broken.length === 0 ? 0 : 1;
}
