import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { countKinds, openKillLog, quantile } from './kill-log.ts';

const fileInScratch = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'frism-kill-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'state', 'log.jsonl');
};
const kill = (number: number, kind = 'merge, SIGKILL') => ({ number, kind, faults: [] });

test('kills that were made are there when the same file is opened again', () => {
  const file = fileInScratch();
  const log = openKillLog(file);
  log.add(kill(0));
  log.add(kill(1));
  expect(openKillLog(file).kills).toEqual([kill(0), kill(1)]);
});

test('a line that was being written when the script was ended is taken away, and its kill made again', () => {
  const file = fileInScratch();
  openKillLog(file).add(kill(0));
  const whole = readFileSync(file, 'utf8');
  appendFileSync(file, '{"number":1,"ki');
  expect(openKillLog(file).kills).toEqual([kill(0)]);
  expect(readFileSync(file, 'utf8')).toBe(whole);
});

test('kills are counted by kind, and quantiles are values that were seen', () => {
  expect(countKinds([kill(0, 'b'), kill(1, 'a'), kill(2, 'b')])).toBe('    1  a\n    2  b\n');
  expect([quantile([3, 1, 2], 0.5), quantile([3, 1, 2], 1), quantile([], 0.5)]).toEqual([2, 3, 0]);
});
