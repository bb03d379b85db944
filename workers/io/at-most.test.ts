import { expect, test } from 'vitest';
import { atMost } from './at-most.ts';

const tick = () => new Promise((resolve) => setTimeout(resolve, 0));

test('runs so many at once, in order, through failures and cancellations', async () => {
  const limit = atMost(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const body = (id: number) => async () => {
    begun.push(id);
    most = Math.max(most, ++running);
    await new Promise<void>((resolve, reject) =>
      ends.push(id % 3 === 1 ? () => reject(new Error(`${id}`)) : resolve),
    ).finally(() => (running -= 1));
    return id;
  };
  const stop = new AbortController();
  const all = Promise.allSettled(
    Array.from({ length: 9 }, (_, i) => limit(body(i), i === 3 ? stop.signal : undefined)),
  );
  await tick();
  expect(begun).toEqual([0, 1]);
  stop.abort();
  while (ends.length) {
    ends.shift()?.();
    // Someone who comes just as a place is handed over waits like the others.
    if (begun.length === 4) void limit(body(102));
    await tick();
  }
  expect(begun).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 102]);
  expect(most).toBe(2);
  expect(
    (await all).map((result) =>
      result.status === 'fulfilled' ? result.value : ((result.reason as { code?: string }).code ?? 'failed'),
    ),
  ).toEqual([0, 'failed', 2, 'cancelled', 'failed', 5, 6, 'failed', 8]);
  await expect(limit(body(0), stop.signal)).rejects.toMatchObject({ code: 'cancelled' });
});
