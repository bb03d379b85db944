import { expect, test } from 'vitest';
import { askedPauseMs, pauseMs, plainBackoff, type Backoff } from './backoff.ts';

const asked = (headers: Record<string, string>, nowMs = 0) => askedPauseMs(new Headers(headers), nowMs);
const backoff: Backoff = {
  ...plainBackoff,
  attempts: 5,
  firstMs: 100,
  longestMs: 1500,
  random: () => 0.999999,
};

test('what a server asks for: seconds, a date, the reset of an exhausted limit', () => {
  expect(asked({ 'retry-after': '7' })).toBe(7000);
  expect(asked({ 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, Date.UTC(2026, 9, 21, 7, 27, 30))).toBe(
    30_000,
  );
  expect(asked({ 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, Date.UTC(2027, 0, 1))).toBe(0);
  expect(asked({ ratelimit: '"resolvers";r=0;t=55' })).toBe(55_000);
  expect(asked({ ratelimit: '"resolvers";r=12;t=55' })).toBeNull();
  for (const nonsense of ['soon', '-1', '1e9', '99999999999999'])
    expect(asked({ 'retry-after': nonsense })).toBeNull();
  expect(asked({})).toBeNull();
});

test('pauses double up to the longest, half of each is chance, and they end', () => {
  const all = (random: number) =>
    [1, 2, 3, 4, 5].map((failures) => pauseMs(failures, null, false, { ...backoff, random: () => random }));
  expect(all(0)).toEqual([50, 100, 200, 400, null]);
  expect(all(0.5)).toEqual([75, 150, 300, 600, null]);
  expect(pauseMs(4, null, false, { ...backoff, firstMs: 1000, random: () => 0 })).toBe(750);
});

test('a pause that was asked for is kept, one too long is not begun; where it is not said, a limit is waited for longer', () => {
  expect(pauseMs(1, 1200, true, backoff)).toBe(1200);
  expect(pauseMs(1, 0, true, backoff)).toBeCloseTo(100, 1);
  expect(pauseMs(1, 1501, true, backoff)).toBeNull();
  expect(pauseMs(1, null, true, backoff)).toBeCloseTo(1000, 1);
  expect(pauseMs(3, null, true, backoff)).toBeCloseTo(1500, 1);
});

test('a pause ends by itself, and at once when it is cancelled, before or while it lasts', async () => {
  await plainBackoff.wait(1, undefined);
  const days = 2 ** 30;
  await plainBackoff.wait(days, AbortSignal.abort());
  const stop = new AbortController();
  const waiting = plainBackoff.wait(days, stop.signal);
  stop.abort();
  await waiting;
});
