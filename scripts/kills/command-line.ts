/**
 * One command of the command line, ended by a signal at a random moment, and what is then on disk. The same command is
 * started again afterwards, in the same place and with the same cache: it must end well, give what an undisturbed one
 * gives, and leave nothing of the one before.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBy } from '../fuzz/random.ts';
import { killedCommands, type KilledCommand } from './commands.ts';
import { contentOf, filesBelow, withoutTimes } from './disk.ts';
import type { Kill } from './kill-log.ts';
import { watchWaiting } from './waiting.ts';

type Signal = 'SIGKILL' | 'SIGTERM' | 'SIGINT';
const signals: readonly Signal[] = ['SIGKILL', 'SIGTERM', 'SIGKILL', 'SIGTERM', 'SIGINT'];

export interface CommandLineKill extends Kill {
  readonly signal: Signal;
  readonly afterMs: number;
  /** From the signal to the end of the process. */
  readonly endMs: number;
  /** Of this, the time in which the machine ran others while the process could have run. */
  readonly waitedMs: number;
}

/** Where a command works; all of it is its own. */
interface Place {
  readonly folder: string;
  readonly target: string;
  readonly out: string;
  readonly cache: string;
  readonly tmp: string;
}

interface Ended {
  readonly code: number | null;
  readonly by: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
  readonly endMs: number;
  readonly waitedMs: number;
}

/** What a command gives that nothing disturbs. */
interface Whole {
  /** The shortest that was seen: a moment before it is one at which the command is at work. */
  tookMs: number;
  readonly out: string | null;
  readonly stdout: string;
}

export interface CommandLineKills {
  /** @param number decides, with the seed, signal and moment; and the command, where none is given */
  kill(number: number, command?: KilledCommand, signal?: Signal): Promise<CommandLineKill>;
  end(): void;
}

/** @param bundle the bundled command line */
export function commandLineKills(bundle: string, seed: number): CommandLineKills {
  const scratch = mkdtempSync(join(tmpdir(), 'frism-kills-'));
  let running: ChildProcess | null = null;
  const end = (): void => {
    running?.kill('SIGKILL');
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  };
  process.on('exit', end);
  const wholes = new Map<string, Whole>();

  const placeOf = (name: string): Place => {
    const folder = join(scratch, name);
    const [target, tmp] = [join(folder, 'target'), join(folder, 'tmp')];
    for (const each of [target, tmp]) mkdirSync(each, { recursive: true });
    return { folder, target, out: join(target, 'out'), cache: join(folder, 'cache'), tmp };
  };

  const start = (
    { words }: KilledCommand,
    { out, cache, tmp }: Place,
    signal: Signal | null = null,
    afterMs = 0,
  ): Promise<Ended> =>
    new Promise((resolve, reject) => {
      const begunMs = performance.now();
      const child = spawn(process.execPath, [bundle, ...words(out)], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, FRISM_CACHE: cache, TMPDIR: tmp },
      });
      running = child;
      let [stdout, stderr, signalledMs, endedMs] = ['', '', Infinity, 0];
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      let waiting: (() => number) | null = null;
      const timer = setTimeout(() => {
        if (signal === null) return;
        waiting = watchWaiting(child.pid);
        signalledMs = performance.now();
        child.kill(signal);
      }, afterMs);
      child.on('error', reject);
      child.on('exit', () => (endedMs = performance.now()));
      child.on('close', (code, by) => {
        clearTimeout(timer);
        const [tookMs, endMs] = [endedMs - begunMs, Math.max(0, endedMs - signalledMs)];
        resolve({ code, by, stdout, stderr, tookMs, endMs, waitedMs: Math.min(endMs, waiting?.() ?? 0) });
      });
    });

  const wholeOf = async (command: KilledCommand): Promise<Whole> => {
    const known = wholes.get(command.name);
    if (known) return known;
    const place = placeOf(`whole-${wholes.size}`);
    const { code, stdout, stderr, tookMs } = await start(command, place);
    if (code !== 0) throw new Error(`“${command.name}” fails undisturbed: ${stderr}`);
    const whole = { tookMs, out: contentOf(place.out), stdout: command.says ? withoutTimes(stdout) : '' };
    rmSync(place.folder, { recursive: true });
    wholes.set(command.name, whole);
    return whole;
  };

  const again = async (command: KilledCommand, place: Place, whole: Whole): Promise<string[]> => {
    // It would not overwrite what is there.
    rmSync(place.out, { recursive: true, force: true });
    const { code, stdout, stderr } = await start(command, place);
    if (code !== 0) return [`The next start failed: ${stderr.slice(-300)}`];
    const isSame =
      contentOf(place.out) === whole.out && (!command.says || withoutTimes(stdout) === whole.stdout);
    const left = [
      ...readdirSync(place.target).filter((name) => name !== 'out'),
      ...filesBelow(place.cache).filter((name) => cacheDraft.test(name)),
      ...readdirSync(place.tmp),
    ];
    return [
      ...(isSame ? [] : ['The next start gave something else than an undisturbed one.']),
      ...(left.length > 0 ? [`After the next start there was still ${left.join(', ')}.`] : []),
    ];
  };

  return {
    async kill(number, given, givenSignal) {
      const random = randomBy(seed, 'command line', number);
      const command = given ?? (killedCommands[number % killedCommands.length] as KilledCommand);
      const signal = givenSignal ?? random.pick(signals);
      const whole = await wholeOf(command);
      for (;;) {
        const place = placeOf(`kill-${number}`);
        const afterMs = random.below(Math.ceil(whole.tookMs));
        const ended = await start(command, place, signal, afterMs);
        const isDone = ended.code === 0;
        const faults = [
          ...faultsOfEnd(signal, ended),
          ...faultsOnDisk(place, whole, isDone, signal),
          ...(isDone ? [] : await again(command, place, whole)),
        ];
        rmSync(place.folder, { recursive: true });
        whole.tookMs = Math.min(whole.tookMs, isDone ? ended.tookMs : Infinity);
        // One that was done before it could be ended is no kill.
        if (!isDone || faults.length > 0)
          return {
            number,
            kind: `${command.name}, ${signal}`,
            signal,
            afterMs,
            endMs: Math.round(ended.endMs),
            waitedMs: Math.round(ended.waitedMs),
            faults,
          };
      }
    },
    end,
  };
}

/** A draft of `out` that says which process writes it. */
const outDraft = /^\.out\.partial-\d+-[0-9a-f]{8}$/;
const cacheDraft = /\.\d+\.[0-9a-f-]{36}$/;

/** A process that is ended before it listens is ended by the system, which says so. */
function faultsOfEnd(signal: Signal, { code, by, stderr }: Ended): string[] {
  const isRight =
    code === 0 || by === signal || (signal !== 'SIGKILL' && code === 128 + constants.signals[signal]);
  const hasStack = stderr.split('\n').some((line) => /^ {4}at .*:\d+:\d+\)?$/.test(line));
  return [
    ...(isRight ? [] : [`It ended with code ${code}, by ${by}: ${stderr.slice(-300)}`]),
    ...(hasStack ? [`It wrote a stack trace: ${stderr.slice(0, 300)}`] : []),
  ];
}

/** What stands at the target is whole or is not there; what else is there says what it is. */
function faultsOnDisk({ target, out, tmp }: Place, whole: Whole, isDone: boolean, signal: Signal): string[] {
  const faults: string[] = [];
  const content = contentOf(out);
  if (content !== null && content !== whole.out) faults.push('What stands at the target is not whole.');
  if (isDone && content !== whole.out) faults.push('It said that it was done, and the target is not whole.');
  const beside = readdirSync(target).filter((name) => name !== 'out');
  const odd = signal === 'SIGKILL' ? beside.filter((name) => !outDraft.test(name)) : beside;
  if (odd.length > 0) faults.push(`It left ${odd.join(', ')} beside the target.`);
  const inTmp = readdirSync(tmp);
  if (inTmp.length > 0) faults.push(`It left ${inTmp.join(', ')} among the temporary files.`);
  return faults;
}
