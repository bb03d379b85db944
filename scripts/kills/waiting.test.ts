/** How long a command was kept waiting is not held against it. */
import { afterEach, expect, test, vi } from 'vitest';
import { watchWaiting } from './waiting.ts';

afterEach(() => void vi.useRealTimers());

test('in each short while the thread that waited longest counts, from when it is watched', () => {
  vi.useFakeTimers();
  const looks = [
    { main: 500, pool: 10 },
    { main: 503, pool: 30 },
    { main: 543, pool: 31, new: 5 },
  ];
  const end = watchWaiting(1, () => new Map(Object.entries(looks.shift() ?? {})));
  vi.advanceTimersByTime(40);
  expect(looks).toEqual([]);
  // 20 of the pool, then 40 of the main thread.
  expect(end()).toBe(60);
});

test('a process that is not there has not waited', () => {
  expect(watchWaiting(undefined)()).toBe(0);
});
