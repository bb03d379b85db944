/** How the studio is ended, and how a person comes back to it. */
import type { Page } from 'playwright-core';
import { testIds } from '../../../src/ui/test-ids.ts';
import { startChromium, type OwnChromium } from './own-chromium.ts';
import { click } from './studio-page.ts';

export interface Seat {
  readonly chromium: OwnChromium;
  readonly page: Page;
}

export interface Ending {
  readonly name: string;
  /** The tab is there all the time, and with it what it made. */
  readonly keepsTab?: true;
  kill(seat: Seat): Promise<void>;
  comeBack(seat: Seat, url: string, profile: string): Promise<Seat>;
}

const anotherTab: Ending['comeBack'] = async ({ chromium }, url) => ({
  chromium,
  page: await chromium.open(url),
});

async function endWorker(page: Page): Promise<void> {
  try {
    await page.evaluate(() => {
      const worker = (globalThis as unknown as { engineWorkers: Worker[] }).engineWorkers.at(-1);
      if (!worker) throw new Error('The engine has no worker.');
      worker.terminate();
      worker.dispatchEvent(new ErrorEvent('error', { message: 'ended by the script' }));
    });
  } catch (thrown) {
    // The page was about to be another, which ended its worker; the next one has one of its own.
    if (!/context was destroyed|has no worker/.test(String(thrown))) throw thrown;
    await page.waitForTimeout(40);
    await endWorker(page);
  }
}

export const endings: readonly Ending[] = [
  { name: 'the tab is closed', kill: ({ page }) => page.close(), comeBack: anotherTab },
  {
    name: 'the tab crashes',
    async kill({ page }) {
      const crashed = page.waitForEvent('crash');
      const session = await page.context().newCDPSession(page);
      session.send('Page.crash').catch(() => undefined);
      await crashed;
    },
    comeBack: anotherTab,
  },
  {
    name: 'the worker is ended',
    keepsTab: true,
    kill: ({ page }) => endWorker(page),
    async comeBack(seat) {
      await click(seat.page, testIds.restart);
      return seat;
    },
  },
  {
    name: 'the browser is killed',
    kill: ({ chromium }) => chromium.kill(),
    async comeBack(_seat, url, profile) {
      const chromium = await startChromium(profile);
      return { chromium, page: await chromium.open(url) };
    },
  },
];
