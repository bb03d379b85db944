import { expect, test } from 'vitest';
import { opened, source } from '../../test/opened-store.ts';
import { StudioError } from '../../core/errors.ts';

const other = { kind: 'manifest', url: '/other' } as const;

test('a check says how models pair and leaves the open session alone; one layer can be looked at', async () => {
  const { now } = await opened();
  const before = now().session;
  const checking = now().inspect(source);
  expect(now().preview).toMatchObject({ status: 'checking', source });
  await checking;
  expect(now().preview).toMatchObject({
    status: 'ready',
    progress: null,
    found: { pairing: { matched: 28 } },
  });
  expect(now().session).toBe(before);
  await now().previewLayer(3);
  expect(now().preview.layer).toMatchObject({ slot: 3, spectrum: { slot: 3 }, error: null });
  now().dropPreview();
  expect(now().preview).toMatchObject({ status: 'idle', found: null });
  await now().previewLayer(3);
  expect(now().preview.layer).toBeNull();
});

test('a newer question drops the older one, and a cancelled one leaves nothing', async () => {
  const { now } = await opened({ stepMs: 5 });
  const first = now().inspect(source);
  const second = now().inspect(other);
  await Promise.all([first, second]);
  expect(now().preview).toMatchObject({ status: 'ready', source: other });
  const layer = now().previewLayer(1);
  now().cancelPreview();
  await layer;
  expect(now().preview).toMatchObject({ status: 'ready', layer: null });
  const third = now().inspect(source);
  now().cancelPreview();
  await third;
  expect(now().preview).toMatchObject({ status: 'idle', error: null });
});

test('a failure is kept with what it is about', async () => {
  const error = new StudioError('missing', 'demo/lrm: there is none.', { details: { role: 'lrm' } });
  const { now } = await opened({ failing: { inspect: error } });
  await now().inspect(source);
  expect(now().preview).toMatchObject({
    status: 'failed',
    source,
    error: { message: error.message, details: { role: 'lrm' } },
  });
});
