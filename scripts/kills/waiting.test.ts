import { expect, test } from 'vitest';
import { watchWaiting } from './waiting.ts';

test('a process that is not there has not waited, and one that is there has waited for some time or none', async () => {
  expect(watchWaiting(undefined)()).toBe(0);
  const end = watchWaiting(process.pid);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(end()).toBeGreaterThanOrEqual(0);
});
