/** What is done on the page outlives it: a reload during a run, a second tab. */
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

async function freshContext(): Promise<BrowserContext> {
  const context = await studio.browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(hangingMs);
  return context;
}

async function tabIn(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(studio.url);
  return page;
}

const kept = (page: Page): ReturnType<Page['getByTestId']> =>
  byId(page, 'snapshot').filter({ hasText: 'Kept 1' });

const keepOne = async (page: Page): Promise<void> => {
  await byId(page, 'take-snapshot').click();
  await kept(page).waitFor();
};

test('a run that a reload interrupts stands at its step, and goes on from there', async () => {
  const context = await freshContext();
  const page = await tabIn(context);
  await untilDemoReady(page);
  await byId(page, 'step').click();
  await untilText(page, 'run-state', /^paused/);
  await byId(page, 'step').click();
  await untilText(page, 'step-counter', /^\s*2 \/ /);
  await untilText(page, 'run-state', /^paused/);
  await keepOne(page);
  await untilStored(page, 'stopped', 2, { snapshots: 1, interrupted: true });

  await page.reload();
  await untilText(page, 'run-state', /^paused/);
  expect(await byId(page, 'step-counter').textContent()).toMatch(/^\s*2 \/ /);
  await kept(page).waitFor();
  await byId(page, 'step').click();
  await untilText(page, 'step-counter', /^\s*3 \/ /);
  await context.close();
});

test('a second tab says that the session is open in another one, and leaves it alone', async () => {
  const context = await freshContext();
  const first = await tabIn(context);
  await untilDemoReady(first);
  await keepOne(first);
  await untilStored(first, 'idle', 0, { snapshots: 1 });

  const second = await tabIn(context);
  await untilDemoReady(second);
  await second.getByText(/is open in another tab/).waitFor();
  expect(await kept(second).count()).toBe(0);

  // Its tab is gone, however it went: the next one has the session again.
  await first.close();
  await second.close();
  const third = await tabIn(context);
  await kept(third).waitFor();
  await context.close();
});

test('a first visit leaves nothing behind', async () => {
  const context = await freshContext();
  const page = await tabIn(context);
  await untilDemoReady(page);
  await page.reload();
  await untilDemoReady(page);
  expect(await byId(page, 'waiting-session').count()).toBe(0);
  expect(await page.getByText(/put back as it was/).count()).toBe(0);
  await context.close();
});
