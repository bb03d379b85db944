/** What is done on the page outlives it: a reload, a second tab, a file; and what was kept can be looked through. */
import { readFileSync } from 'node:fs';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  byId,
  downloadBy,
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
  const context = await studio.browser.newContext({
    viewport: { width: 1280, height: 800 },
    acceptDownloads: true,
  });
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

/** Changes what the browser has stored: `damaged` takes the gates out of every session. Whether one has figures. */
const lookAtStored = (page: Page, damaged: boolean): Promise<boolean> =>
  page.evaluate(async (damaging) => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(new Error(String(request.error)));
      });
    const database = await done(indexedDB.open('frism-studio-sessions'));
    const store = database.transaction('sessions', 'readwrite').objectStore('sessions');
    const sessions = (await done(store.getAll())) as { parts: Record<string, { figures?: unknown }> }[];
    for (const session of damaging ? sessions : []) {
      session.parts['gates'] = {};
      await done(store.put(session));
    }
    database.close();
    return sessions.some(({ parts }) => Boolean(parts['figures']?.figures));
  }, damaged);

test('a recipe after a reload carries what was measured before it', async () => {
  const context = await freshContext();
  const page = await tabIn(context);
  await untilDemoReady(page);
  await keepOne(page);
  await byId(page, 'evaluate').click();
  await expect.poll(() => lookAtStored(page, false), { timeout: hangingMs }).toBe(true);
  await byId(page, 'measuring').waitFor({ state: 'hidden' });
  const metrics = async (): Promise<unknown> => {
    const path = await (await downloadBy(page, 'save-recipe')).path();
    return (JSON.parse(readFileSync(path, 'utf8')) as { readonly metrics: unknown }).metrics;
  };
  const before = await metrics();
  expect(before).toHaveLength(2);
  await page.waitForTimeout(1500);
  await page.reload();
  await kept(page).waitFor();
  await untilDemoReady(page);
  expect(await metrics()).toEqual(before);
  await context.close();
});

test('a session is saved to a file, opened elsewhere, renamed, deleted and had back', async () => {
  const context = await freshContext();
  const page = await tabIn(context);
  await untilDemoReady(page);
  await keepOne(page);
  const file = await downloadBy(page, 'save-session');
  expect(file.suggestedFilename()).toMatch(/\.frism$/);
  const path = await file.path();
  await untilStored(page, 'idle', 0, { snapshots: 1 });

  // On a page that has nothing of it: models that are open take it at once.
  const elsewhere = await freshContext();
  const other = await tabIn(elsewhere);
  await untilDemoReady(other);
  await byId(other, 'open-models').click();
  expect(await byId(other, 'recent-sessions').count()).toBe(0);
  await other.keyboard.press('Escape');
  await byId(other, 'open-session').setInputFiles({
    name: 'theirs.frism',
    mimeType: 'application/zip',
    buffer: readFileSync(path),
  });
  await kept(other).waitFor();
  await elsewhere.close();

  // The demo anew is another session, and the one before is among the recent ones.
  await byId(page, 'open-models').click();
  await byId(page, 'open-demo').click();
  await byId(page, 'open-dialog').waitFor({ state: 'hidden' });
  await expect.poll(() => kept(page).count()).toBe(0);
  await byId(page, 'open-models').click();
  await byId(page, 'rename-recent').click();
  await byId(page, 'recent-name').fill('The first');
  await byId(page, 'recent-name').press('Enter');
  await byId(page, 'recent-session').filter({ hasText: 'The first' }).waitFor();
  await byId(page, 'delete-recent').click();
  await expect.poll(() => byId(page, 'recent-session').count()).toBe(0);
  await byId(page, 'bring-back-recent').click();
  await byId(page, 'open-recent').click();
  await byId(page, 'open-dialog').waitFor({ state: 'hidden' });
  await kept(page).waitFor();
  await context.close();
});

test('a damaged session is said once, and the storage panel shows it and clears it', async () => {
  const context = await freshContext();
  const page = await tabIn(context);
  await untilDemoReady(page);
  await keepOne(page);
  await untilStored(page, 'idle', 0, { snapshots: 1 });
  // Not the studio, so that nothing stores the sound one again.
  await page.goto(`${studio.url}models/demo/manifest.json`);
  await lookAtStored(page, true);
  await page.goto(studio.url);
  await page.getByText(/is set aside: The session cannot be read/).waitFor();
  await untilDemoReady(page);
  await page.reload();
  await untilDemoReady(page);
  expect(await page.getByText(/is set aside/).count()).toBe(0);
  await byId(page, 'backend-chip').click();
  await byId(page, 'storage').click();
  await byId(page, 'stored-session').filter({ hasText: 'damaged' }).waitFor();
  await byId(page, 'clear-storage').click();
  await byId(page, 'clear-storage-sure').click();
  await expect.poll(() => byId(page, 'stored-session').count()).toBe(0);
  await page.getByTestId('storage-factors').getByText('0 B', { exact: true }).waitFor();
  await context.close();
});
