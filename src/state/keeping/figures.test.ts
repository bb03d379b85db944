/** What the engine measured comes back with the session, on the fake engine and a shelf in memory. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { StudioError } from '../../../core/errors.ts';
import type { TrioSource } from '../../../protocol/session.ts';
import { keptPage as page } from '../../../test/kept-page.ts';
import { memoryShelves } from '../../../test/memory-shelf.ts';
import { all, at } from '../../../test/opened-store.ts';

// The demo is found beside the page.
beforeAll(() => vi.stubGlobal('document', { baseURI: 'https://studio.test/' }));
afterAll(() => vi.unstubAllGlobals());

const other: TrioSource = { kind: 'manifest', url: 'https://studio.test/other/manifest.json' };

describe('after a reload', () => {
  test('the engine has the figures of what was measured before, and of what is measured since', async () => {
    const shelves = memoryShelves();
    const first = await page(shelves);
    await first.now().evaluateCurrent();
    await first.save();
    const before = await first.engine.figures();
    expect(before?.scores.map(({ of }) => of.split(' ')[0])).toEqual(['vlm', 'merged']);
    const second = await page(shelves);
    expect(await second.engine.figures()).toEqual(before);
    second.now().editGates('Close', at(3), all(1, 0), true);
    await second.now().evaluateCurrent();
    await second.save();
    const third = await page(shelves);
    expect((await third.engine.figures())?.scores).toHaveLength(3);
    // Other models have none of them.
    await third.now().open(other);
    expect(third.now().figures).toBeNull();
    expect(await third.engine.figures()).toBeNull();
  });

  test('a session of another VLM waits and says which, though base and LRM are the same', async () => {
    const shelves = memoryShelves();
    const first = await page(shelves);
    first.now().editGates('Close', at(3), all(1, 0), true);
    await first.save();
    const id = first.now().keeping.id ?? '';
    const stored = shelves.sessions.get(id);
    const moved = await page(shelves, 'tab', { vlm: 'another' });
    expect(moved.now().keeping).toMatchObject({
      id: null,
      waiting: {
        id,
        why: expect.stringMatching(/VLM has other weights .* it was .*Nothing of it was put back/),
      },
    });
    moved.now().editGates('Open', at(5), all(1, 1), true);
    await moved.save();
    expect(shelves.sessions.get(id)).toEqual(stored);
    const again = await page(shelves);
    await again.now().openRecent(id);
    expect(again.now().gates.values[3]).toBe(0);
  });

  test('the log goes on where it was, and so does the format of an export', async () => {
    const shelves = memoryShelves();
    const first = await page(shelves);
    first.now().takeSnapshot('Mine');
    first.now().setExportFormat({ kind: 'adapter', maxRank: 16 });
    first.now().notify('warning', 'What was said before.');
    await first.save();
    await new Promise((resolve) => setTimeout(resolve, 2));
    const { now } = await page(shelves);
    const lines = now().log.map(({ text }) => text);
    expect(lines.indexOf('What was said before.')).toBeLessThan(
      lines.findIndex((line) => line.includes('put back')),
    );
    expect(now().exporting.format).toEqual({ kind: 'adapter', maxRank: 16 });
    // Other models are exported in the same form.
    await now().open(other);
    expect(now().exporting.format).toEqual({ kind: 'adapter', maxRank: 16 });
    // Restarting compute says nothing twice.
    now().engineLost({ code: 'device', message: 'It died.', retryable: true, details: {} });
    await now().reconnect();
    expect(now().log.filter(({ text }) => text === 'What was said before.')).toHaveLength(1);
  });

  test.each([
    { kind: 'adapter', maxRank: 17 },
    { kind: 'checkpoint', maxShardBytes: 1 },
    { kind: 'checkpoint', maxShardBytes: 0 },
  ] as const)('a form of export that the page does not offer is none: $kind', async (format) => {
    const shelves = memoryShelves();
    const first = await page(shelves);
    first.now().takeSnapshot('Mine');
    first.now().setExportFormat(format);
    await first.save();
    const { now } = await page(shelves);
    expect(now().snapshots).toHaveLength(1);
    expect(now().exporting.format).toEqual({ kind: 'checkpoint', maxShardBytes: null });
  });

  test('figures that the engine refuses are said, and everything else is put back', async () => {
    const shelves = memoryShelves();
    const first = await page(shelves);
    await first.now().evaluateCurrent();
    await first.save();
    const other = new StudioError('mismatch', 'They are of other weights.');
    const { now, save } = await page(shelves, 'tab', { failing: { restoreFigures: other } });
    await save();
    expect(now().measurements).toHaveLength(2);
    expect(now().figures).toBeNull();
    expect(
      now()
        .toasts.map(({ text }) => text)
        .join(),
    ).toMatch(/cannot carry it: They are of other weights/);
  });
});
