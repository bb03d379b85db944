/**
 * Opening models that take a while: workers of the engine's worker do it, spectra appear meanwhile, it can be
 * paused and cancelled, and is quick the second time.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { writeRandomTrio } from '../test/random-trio.mjs';
import {
  byId,
  hangingMs,
  onDemo,
  openFolders,
  scratchFolder,
  untilDemoReady,
  untilModelsOpen,
  type Studio,
} from './support.ts';

/** 21 matrices of about a tenth of a second each, 27 MB a model. */
const shapes = { layers: 3, hidden: 640, mlp: 768, heads: 10, kvHeads: 10, vocabulary: 64 };
const matrices = 7 * shapes.layers;

let studio: Studio;
let page: Page;
const scratch = scratchFolder();

beforeAll(() => writeRandomTrio(scratch, shapes));
onDemo((opened) => ({ studio, page } = opened));

const rows = (state: 'none' | 'preview' | 'exact') =>
  page.locator(`[data-testid="incoming-row"][data-spectrum="${state}"]`);

const openRandom = () =>
  openFolders(page, { base: join(scratch, 'base'), vlm: join(scratch, 'vlm'), lrm: join(scratch, 'lrm') });
const untilOpened = () =>
  page.waitForFunction(
    () => !document.querySelector('[data-testid="loading"], [data-testid="incoming-row"]'),
  );

/**
 * The site, but for the script of the decomposing workers while `refuse` holds. Playwright does not see what
 * a worker's worker asks for.
 */
async function siteWithout(refuse: () => boolean): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (refuse() && /\/svd\.worker-[^/]*\.js$/.test(path)) {
      response.writeHead(404).end();
      return;
    }
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => name === 'range'));
    void fetch(new URL(path, studio.url), { headers: headers as Record<string, string> }).then(
      async (answer) => {
        const kept = [...answer.headers].filter(
          ([name]) =>
            !['connection', 'transfer-encoding', 'content-encoding', 'content-length'].includes(name),
        );
        response
          .writeHead(answer.status, Object.fromEntries(kept))
          .end(Buffer.from(await answer.arrayBuffer()));
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return { url: `http://localhost:${(server.address() as AddressInfo).port}/`, close: () => server.close() };
}

test('where the decomposing workers cannot be started it says so; once they can, it goes on', async () => {
  let refuse = true;
  const site = await siteWithout(() => refuse);
  const context = await studio.browser.newContext();
  context.setDefaultTimeout(hangingMs);
  const other = await context.newPage();
  await other.goto(site.url);
  const sentence = other.getByText(/stopped its worker twice/);
  await sentence.first().waitFor();
  refuse = false;
  await other.getByRole('button', { name: 'Open the demo trio' }).click();
  await untilDemoReady(other);
  await context.close();
  site.close();
});

test('spectra appear while the rest is computed; pause, resume and cancel', async () => {
  await openRandom();
  await rows('preview').first().waitFor();
  await rows('exact').first().waitFor();
  expect((await rows('preview').count()) + (await rows('exact').count()) + (await rows('none').count())).toBe(
    matrices,
  );

  const pause = byId(page, 'loading').getByTestId('pause-loading');
  const inDialog = byId(page, 'open-dialog').getByTestId('pause-loading');
  await inDialog.click();
  expect(await byId(page, 'loading').textContent()).toMatch(/Paused/);
  // What was under way is finished, and no more.
  let counted = -1;
  await expect
    .poll(
      async () => {
        const before = counted;
        counted = await rows('exact').count();
        return counted === before;
      },
      { interval: 1500 },
    )
    .toBe(true);
  expect(counted).toBeLessThan(matrices);
  await page.keyboard.press('Escape');
  await pause.click();
  await expect.poll(() => rows('exact').count()).toBeGreaterThan(counted);

  await byId(page, 'loading').getByTestId('cancel-loading').click();
  await untilOpened();
  expect(await byId(page, 'layers-panel').textContent()).toContain('3,584 gates');
});

test('the second opening finds everything in the cache', async () => {
  await openRandom();
  const gates = `${(shapes.hidden * matrices).toLocaleString('en')} gates`;
  await byId(page, 'layers-panel').filter({ hasText: gates }).waitFor();
  await untilOpened();
  await untilModelsOpen(page);

  // An opening from the cache may be over before anybody looks: the page itself notes what it shows on the way.
  await page.evaluate(() => {
    const shown = new Set<string>();
    Object.assign(window, { shown });
    new MutationObserver(() => {
      for (const row of document.querySelectorAll<HTMLElement>('[data-testid="incoming-row"]'))
        shown.add(row.dataset.spectrum ?? '');
    }).observe(document, { subtree: true, childList: true, attributes: true });
  });
  const shown = (): Promise<string[]> =>
    page.evaluate(() => [...(window as unknown as { shown: Set<string> }).shown]);
  await openRandom();
  await expect.poll(shown).toContain('exact');
  await untilOpened();
  expect(await shown()).not.toContain('preview');
});
