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
