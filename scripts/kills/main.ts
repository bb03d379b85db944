/** The long form of kills: hundreds of them, one line of JSON each, and what they came to. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { browserKills, type BrowserKill } from './browser/browser-kills.ts';
import { commandLineKills, type CommandLineKill } from './command-line.ts';
import { countKinds, openKillLog, quantile, type Kill } from './kill-log.ts';

const help = `npm run kills -- [options]

  --browser    of the tab, the worker and the browser, in place of the command line
  --count N    kills in all (200)
  --seed N     which moments are chosen (1)
  --state DIR  where one line of JSON is kept for each kill (kills-state); the same folder goes on

Exit code: 0 all was as promised, 1 something was not, 2 bad usage.
`;

/** A signal that a program may obey is obeyed within this, not counting how long the machine ran others. */
const obeyedMs = 1000;

export interface KillsPlaces {
  /** The directory in which the script was started. */
  readonly here: string;
  /** Path of the bundled command line. */
  buildCommandLine(): Promise<string>;
  /** Builds the studio where it is stale, and serves it. */
  serveStudio(): Promise<{ readonly url: string; readonly close: () => Promise<void> }>;
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
        browser: { type: 'boolean', default: false },
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
  // What is under way ends with the script; the same command begins it again.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const fileOf = (what: string): string =>
    join(resolve(places.here, given.state), `${what}-seed-${seed}.jsonl`);
  if (given.browser) {
    const site = await places.serveStudio();
    const bench = await browserKills(site.url, seed);
    try {
      const kills = await make(count, fileOf('browser'), (number) => bench.kill(number));
      return report(kills, losses(kills));
    } finally {
      bench.end();
      await site.close();
    }
  }
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

const obeyedAfterMs = ({ endMs, waitedMs }: CommandLineKill): number => Math.max(0, endMs - waitedMs);

const lateFault = (kill: CommandLineKill): string[] =>
  mayObey(kill) && obeyedAfterMs(kill) > obeyedMs
    ? [`It ran on for ${kill.endMs} ms after ${kill.signal}, and waited for ${kill.waitedMs} ms of them.`]
    : [];

function obedience(kills: readonly CommandLineKill[]): string {
  const told = kills.filter(mayObey);
  const inTime = told.filter((kill) => obeyedAfterMs(kill) <= obeyedMs).length;
  const at = (of: (kill: CommandLineKill) => number, share: number): number => quantile(told.map(of), share);
  return (
    `${inTime} of ${told.length} signals were obeyed within ${obeyedMs} ms: ` +
    `${at(obeyedAfterMs, 0.5)} ms in the median, ${at(obeyedAfterMs, 1)} ms at most. ` +
    `With the time in which the machine ran others: ${at(({ endMs }) => endMs, 0.5)} and ${at(({ endMs }) => endMs, 1)} ms.\n`
  );
}

function losses(kills: readonly BrowserKill[]): string {
  const interrupted = kills.filter(({ sameBits }) => sameBits !== null);
  const same = interrupted.filter(({ sameBits }) => sameBits).length;
  const most = (of: (kill: BrowserKill) => number): number => Math.max(0, ...kills.map(of));
  return (
    `At most ${most(({ lostMs }) => lostMs)} ms of edits and ${most(({ lostSteps }) => lostSteps)} steps were lost.\n` +
    `${same} of ${interrupted.length} interrupted runs ended with the bits of an uninterrupted one.\n`
  );
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
