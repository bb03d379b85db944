/**
 * What kills have shown, one line of JSON each, in the order of their numbers. The same file is gone on with: a kill
 * that is in it is not made again. A line that was being written when the script itself was ended is not counted.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';

/** What every kind of kill says of itself. */
export interface Kill {
  readonly number: number;
  /** What was ended, how and in the midst of what: kills of the same words are counted together. */
  readonly kind: string;
  /** What was not as it is promised, in whole sentences. */
  readonly faults: readonly string[];
}

export interface KillLog<K extends Kill> {
  readonly kills: readonly K[];
  add(kill: K): void;
}

export function openKillLog<K extends Kill>(path: string): KillLog<K> {
  mkdirSync(dirname(path), { recursive: true });
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
  const kills = whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as K);
  return {
    kills,
    add(kill) {
      appendFileSync(path, `${JSON.stringify(kill)}\n`);
      kills.push(kill);
    },
  };
}

/** How often each kind of kill was made, one line each. */
export function countKinds(kills: readonly Kill[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of kills) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, count]) => `${String(count).padStart(5)}  ${kind}\n`)
    .join('');
}

/** The value below which this share of the values lies; 0 where there is none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
