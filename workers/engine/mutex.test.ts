/** Who may use the device when, and what a cancel does to those who wait. */
import { expect, test } from 'vitest';
import { Mutex } from './mutex.ts';

const gate = () => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
};

test('one at a time, in order; a failure lets the next one in', async () => {
  const mutex = new Mutex();
  const seen: string[] = [];
  const first = gate();
  const failing = mutex.run(async () => {
    await first.opened;
    seen.push('first');
    throw new Error('broken');
  });
  const second = mutex.run(async () => void seen.push('second'));
  first.open();
  await expect(failing).rejects.toThrow('broken');
  await second;
  expect(seen).toEqual(['first', 'second']);
});

test('who is cancelled while waiting leaves at once and never runs; who has begun ends by himself', async () => {
  const mutex = new Mutex();
  const [holding, waiting] = [new AbortController(), new AbortController()];
  const held = gate();
  const first = mutex.run(async () => {
    await held.opened;
    return 'done';
  }, holding.signal);
  let ran = false;
  const second = mutex.run(async () => void (ran = true), waiting.signal);
  // A turn of the loop: the first body has begun.
  await new Promise((resolve) => setTimeout(resolve));
  holding.abort(new Error('too late'));
  waiting.abort(new Error('left'));
  await expect(second).rejects.toThrow('left');
  held.open();
  await expect(first).resolves.toBe('done');
  await expect(mutex.run(async () => 'free', AbortSignal.abort(new Error('never')))).rejects.toThrow('never');
  await expect(mutex.run(async () => 'free')).resolves.toBe('free');
  expect(ran).toBe(false);
});

test('who waits is told who holds it, at once and at each change, and nothing once it has begun or left', async () => {
  const mutex = new Mutex();
  const [first, second] = [gate(), gate()];
  const told: string[] = [];
  const leaving = new AbortController();
  const named = (owner: string) => ({
    owner,
    onWait: (holder: string) => void told.push(`${owner}: ${holder}`),
  });
  const turn = () => new Promise((resolve) => setTimeout(resolve));

  const one = mutex.run(() => first.opened, undefined, named('the export'));
  await turn();
  expect(told).toEqual([]);
  const two = mutex.run(() => second.opened, undefined, named('the measurement'));
  const three = mutex.run(async () => undefined, undefined, named('the answer'));
  const four = mutex.run(async () => undefined, leaving.signal, named('a step'));
  expect(told.splice(0)).toEqual([
    'the measurement: the export',
    'the answer: the export',
    'a step: the export',
  ]);
  leaving.abort(new Error('left'));
  await expect(four).rejects.toThrow('left');
  first.open();
  await one;
  await turn();
  expect(told.splice(0)).toEqual(['the answer: the measurement']);
  second.open();
  await Promise.all([two, three]);
  expect(told).toEqual([]);
  // Nobody holds it any more, nor does who failed.
  await expect(mutex.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  await mutex.run(async () => undefined, undefined, named('the last'));
  expect(told).toEqual([]);
});
