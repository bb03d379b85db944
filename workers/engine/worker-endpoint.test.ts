/** What the worker says of its device by itself. */
import { afterEach, expect, test } from 'vitest';
import { clearDeviceFailure, onDeviceFailure, recordDeviceFailure } from '../backend/failure.ts';
import { tellingFailures } from './worker-endpoint.ts';

afterEach(() => {
  onDeviceFailure(null);
  clearDeviceFailure();
});

test('a failure of the device is said at once and once, and none while a device is being started', async () => {
  const said: unknown[] = [];
  const start = tellingFailures(
    (kind: string) => {
      // A graphics device that fails its self-test, after which another one is started.
      if (kind === 'second choice') recordDeviceFailure('It failed while it started.');
      clearDeviceFailure();
      return Promise.resolve(kind);
    },
    { postMessage: (message: unknown) => said.push(message) },
  );
  expect(await start('second choice')).toBe('second choice');
  expect(said).toEqual([]);
  recordDeviceFailure('The graphics device was lost (test).');
  recordDeviceFailure('What follows from it.');
  expect(said).toEqual([
    {
      deviceFailed: {
        code: 'device',
        message: 'The graphics device was lost (test).',
        retryable: true,
        details: {},
      },
    },
  ]);
  await start('second choice');
  expect(said).toHaveLength(1);
  recordDeviceFailure('The next one.');
  expect(said).toHaveLength(2);
});
