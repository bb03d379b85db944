/** What goes on in the studio when it is ended. */
import type { Page } from 'playwright-core';
import { testIds } from '../../../src/ui/test-ids.ts';
import type { Random } from '../../fuzz/random.ts';
import { click, edit, showExport } from './studio-page.ts';

export interface Activity {
  readonly name: string;
  /** Within so long after it began it is ended, ms. */
  readonly longestMs: number;
  /** Whether a run is interrupted, which then goes on to its end. `longestMs` then counts from one of its steps. */
  readonly runs?: true;
  /** @param done is called after each edit with its number */
  begin(page: Page, random: Random, done: (edit: number) => void, url: string): Promise<void>;
}

export const activities: readonly Activity[] = [
  {
    name: 'editing',
    longestMs: 4000,
    async begin(page, random, done) {
      for (let number = 101; ; number++) {
        await edit(page, number);
        done(number);
        await page.waitForTimeout(random.below(400));
      }
    },
  },
  {
    name: 'opening',
    longestMs: 4000,
    async begin(page, _random, _done, url) {
      // A reload asks the page to store; another address of it does not wait for that either.
      await page.goto(url);
    },
  },
  {
    name: 'running',
    longestMs: 1500,
    runs: true,
    begin: (page) => click(page, testIds.play),
  },
  { name: 'measuring', longestMs: 4000, begin: (page) => click(page, testIds.evaluate) },
  {
    name: 'exporting',
    longestMs: 1500,
    async begin(page) {
      await showExport(page);
      await click(page, testIds.exportButton);
    },
  },
];
