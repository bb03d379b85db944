/**
 * What a person has made is kept: when a part of the page fails, when its server is gone, when the page is
 * left, and when compute ends without a word. `sessions.e2e.ts` has more of what outlives the page.
 */
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  byId,
  hangingMs,
  startStudio,
  untilDemoReady,
  untilStored,
  untilText,
  type Studio,
} from './support.ts';

let studio: Studio;
beforeAll(async () => {
  studio = await startStudio();
});
afterAll(() => studio.close());

/** A page of its own, `before` the studio is loaded into it. */
async function opened(before: (page: Page, context: BrowserContext) => Promise<unknown>): Promise<Page> {
  const context = await studio.browser.newContext({
    viewport: { width: 1280, height: 800 },
    acceptDownloads: true,
  });
  context.setDefaultTimeout(hangingMs);
  const page = await context.newPage();
  await before(page, context);
  await page.goto(studio.url);
  return page;
}

const fallen = (page: Page, panel: string) =>
  page
    .locator('section', { has: page.getByRole('heading', { name: panel, exact: true }) })
    .getByTestId('fallen');

test('charts whose code cannot be fetched say so in their place; the run goes on, and they come when it can be', async () => {
  const page = await opened((_, context) => context.route('**/assets/*chart*.js', (route) => route.abort()));
  await untilDemoReady(page);
  await byId(page, 'step').click();
  await untilText(page, 'step-counter', /^\s*1 \/ /);
  expect(await fallen(page, 'Losses').textContent()).toMatch(
    /The chart cannot be shown\. Its code could not be fetched: .* does not answer\./,
  );
  // Another try while nothing has changed says the same again.
  await fallen(page, 'Losses').getByTestId('try-again').click();
  await fallen(page, 'Losses').waitFor();
  await byId(page, 'step').click();
  await untilText(page, 'step-counter', /^\s*2 \/ /);
  await page.context().unrouteAll();
  await fallen(page, 'Losses').getByTestId('try-again').click();
  await page.locator('.recharts-line path').first().waitFor();
  expect(await byId(page, 'fallen').count()).toBe(0);
  await page.context().close();
});

test('charts are there before they are needed: a server that is gone takes nothing from a run', async () => {
  const fetched: string[] = [];
  const page = await opened(async (made) =>
    made.on('requestfinished', (request) => fetched.push(request.url())),
  );
  await untilDemoReady(page);
  await expect.poll(() => fetched.filter((url) => /(losses|tradeoff)-chart.*\.js$/.test(url)).length).toBe(2);
  await page.context().setOffline(true);
  // Two points make a line.
  for (const step of [1, 2]) {
    await byId(page, 'step').click();
    await untilText(page, 'step-counter', new RegExp(`^\\s*${step} / `));
  }
  await page.locator('.recharts-line path').first().waitFor();
  expect(await byId(page, 'fallen').count()).toBe(0);
  await page.context().close();
});

test('panels that throw are said, each in its place, and can be tried again while the studio works', async () => {
  const page = await opened((made) =>
    made.addInitScript(() => {
      const state = Object.assign(window, { noCanvas: true });
      const getContext = HTMLCanvasElement.prototype.getContext;
      HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, ...given: unknown[]) {
        if (state.noCanvas) throw new Error('This browser gave no canvas.');
        return Reflect.apply(getContext, this, given) as null;
      } as typeof getContext;
    }),
  );
  await byId(page, 'fallen').first().waitFor();
  await page.waitForFunction(
    () =>
      document.querySelector<HTMLElement>('[data-testid="play"]')?.ariaDisabled !== 'true' &&
      document.querySelector('[data-testid="loading"]') === null,
  );
  await byId(page, 'step').click();
  await untilText(page, 'step-counter', /^\s*1 \/ /);
  expect(await byId(page, 'fallen').first().textContent()).toMatch(
    /cannot be shown\. This browser gave no canvas\./,
  );
  await page.evaluate(() => Object.assign(window, { noCanvas: false }));
  for (let left = await byId(page, 'try-again').count(); left > 0; left--)
    await byId(page, 'try-again').first().click();
  await expect.poll(() => byId(page, 'fallen').count()).toBe(0);
  await page.locator('section[aria-label="Gate map"] canvas').first().waitFor();
  await page.context().close();
});

test('leaving asks nothing, for what was done is there again after a reload', async () => {
  const asked: string[] = [];
  const page = await opened(async (made) =>
    made.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    }),
  );
  await untilDemoReady(page);
  await page.reload();
  await untilDemoReady(page);
  expect(asked).toEqual([]);
  await byId(page, 'step').click();
  await untilText(page, 'step-counter', /^\s*1 \/ /);
  await byId(page, 'stop').click();
  await untilText(page, 'run-state', /stopped/);
  await untilStored(page, 'stopped', 1);
  await page.reload();
  await untilText(page, 'run-state', /stopped/);
  expect(await byId(page, 'step-counter').textContent()).toMatch(/^\s*1 \/ /);
  expect(asked).toEqual([]);
  await page.context().close();
});

test('compute that ends without a word is noticed while an answer waits, and started again with the gates', async () => {
  const page = await opened((made) => made.clock.install());
  await untilDemoReady(page);
  await byId(page, 'step').click();
  await untilText(page, 'step-counter', /^\s*1 \/ /);
  await byId(page, 'stop').click();
  await untilText(page, 'run-state', /stopped/);
  const worker = page.workers().find((candidate) => candidate.url().includes('engine.worker'));
  if (!worker) throw new Error('The engine worker is not there.');
  // The worker's end is no event for anybody.
  await worker.evaluate(() =>
    setTimeout(() => (globalThis as unknown as Worker & { close(): void }).close(), 0),
  );
  await byId(page, 'ask').click();
  await byId(page, 'cancel-ask').waitFor();
  await page.clock.runFor(75_000);
  expect(await byId(page, 'quiet-banner').textContent()).toMatch(/no sign of life for 1 min/);
  await byId(page, 'keep-waiting').click();
  await byId(page, 'quiet-banner').waitFor({ state: 'hidden' });
  await page.clock.runFor(120_000);
  await byId(page, 'quiet-banner').waitFor();
  await byId(page, 'stop-and-reopen').click();
  await byId(page, 'quiet-banner').waitFor({ state: 'hidden' });
  await untilDemoReady(page);
  await untilText(page, 'step-counter', /^\s*1 \/ /);
  await untilText(page, 'run-state', /stopped/);
  await byId(page, 'ask').click();
  await page.locator('[data-testid="answer-merged"][data-stale="false"]').waitFor();
  await page.context().close();
});
