/** What the store says of memory, and layers on their way into the dialog and into a session. */
import { expect, test } from 'vitest';
import { opened, source } from '../../test/opened-store.ts';
import type { EngineApi } from '../../protocol/engine.ts';
import { createRunForecast } from './run-memory.ts';

test('follows budget and options, and is the same object while they stay', async () => {
  const { now } = await opened();
  const forecast = createRunForecast();
  const first = forecast(now());
  expect(first?.verdict.code).toBe('fits');
  now().select({ slots: [2] });
  expect(forecast(now())).toBe(first);
  now().setOptions({ batchSize: 512 });
  const wider = forecast(now());
  expect(wider?.run?.peak.bytes).toBeGreaterThan(first?.run?.peak.bytes ?? Infinity);
  now().setOptions({ gamma: 1 });
  const taught = forecast(now());
  expect(taught?.run?.peak.parts.map(({ name }) => name)).toContain('reasoner');
  await now().setBudget(16);
  expect(forecast(now())?.run?.peak.bytes).toBeLessThan(taught?.run?.peak.bytes ?? 0);
  expect(forecast({ ...now(), session: null })).toBeNull();
});

test('a device that is too small gets a proposal', async () => {
  const { now } = await opened({}, (engine): EngineApi => ({
    ...engine,
    connect: async (choice) => {
      const report = await engine.connect(choice);
      return { ...report, capacity: { ...report.capacity, totalBytes: 1e8 } };
    },
  }));
  now().setOptions({ batchSize: 64 });
  const verdict = createRunForecast()(now())?.verdict;
  expect(verdict?.code).toBe('does-not-fit');
  expect(verdict?.proposal).toMatchObject({ kind: 'batch' });
});

test('offered layers open the dialog and wait for it; a session of some layers has their gates alone', async () => {
  const { now } = await opened();
  now().offerLayers({ layers: [1, 2], kinds: null });
  expect([now().dialog, now().offeredLayers]).toEqual(['open-models', { layers: [1, 2], kinds: null }]);
  now().offerLayers(null);
  expect([now().dialog, now().offeredLayers]).toEqual(['open-models', null]);
  const some = { ...source, selection: { layers: [1, 2], kinds: ['q'] } } as const;
  await now().open(some);
  expect(now().session?.slots.map(({ id }) => id)).toEqual([
    'layers.1.self_attn.q_proj',
    'layers.2.self_attn.q_proj',
  ]);
  expect(now().gates.values).toHaveLength(256);
  // Opened again after the worker died, it is the same part.
  await now().reconnect();
  expect(now().session?.slots).toHaveLength(2);
});
