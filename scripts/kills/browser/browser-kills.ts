/**
 * A session in a browser, ended at a random moment of what is done in it, and opened again as a person would. It must
 * come back by itself; at most the last second of edits, or the last step of a run, may be lost; and an interrupted run
 * must end with the gates of one that nothing interrupted, bit for bit.
 *
 * Every kill begins with a copy of the same profile, in which the demo's factors and a session are stored.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';
import { testIds } from '../../../src/ui/test-ids.ts';
import { randomBy } from '../../fuzz/random.ts';
import type { Kill } from '../kill-log.ts';
import { activities, type Activity } from './activities.ts';
import { endings, type Seat } from './endings.ts';
import { startChromium } from './own-chromium.ts';
import {
  archivesLeft,
  edit,
  editShown,
  enter,
  gatesOf,
  runStateOf,
  selectFirst,
  stepOf,
  untilReady,
} from './studio-page.ts';

export interface BrowserKill extends Kill {
  readonly afterMs: number;
  /** Edits that were made and did not come back, and the time from the first of them to the kill. */
  readonly lostEdits: number;
  readonly lostMs: number;
  /** The last step of the run that was shown, and how many that were shown did not come back. */
  readonly step: number;
  readonly lostSteps: number;
  /** Whether an interrupted run ended with the bits of an uninterrupted one; null where none was interrupted. */
  readonly sameBits: boolean | null;
  readonly backMs: number;
}

export interface BrowserKills {
  kill(number: number): Promise<BrowserKill>;
  end(): void;
}

/** The edit that the stored session has. */
const storedEdit = 100;
const steps = 8;
/** A session that is not put back within this time has not come back. */
const longestBackMs = 30_000;
/** What may be lost. */
const mostLostMs = 1000;

/** Times at which something was first seen. */
type Seen = { readonly what: number; readonly atMs: number }[];

export async function browserKills(url: string, seed: number): Promise<BrowserKills> {
  const scratch = mkdtempSync(join(tmpdir(), 'frism-browser-kills-'));
  const end = (): void => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  process.on('exit', end);
  const template = join(scratch, 'template');
  const copied = (name: string): string => {
    const profile = join(scratch, name);
    cpSync(template, profile, {
      recursive: true,
      filter: (path) => !/^(Singleton|DevToolsActivePort|lockfile)/.test(basename(path)),
    });
    return profile;
  };
  await makeTemplate(template, url);
  const reference = await withProfile(copied('reference'), async ({ page }) => {
    await page.getByTestId(testIds.play).click();
    return finishedGates(page);
  });

  async function withProfile<T>(profile: string, work: (seat: Seat) => Promise<T>): Promise<T> {
    const chromium = await startChromium(profile);
    try {
      const page = await chromium.open(url);
      await untilReady(page);
      return await work({ chromium, page });
    } finally {
      await chromium.kill();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  return {
    async kill(number) {
      const random = randomBy(seed, 'browser', number);
      const activity = activities[number % activities.length] as Activity;
      const ending = random.pick(endings);
      const profile = copied(`kill-${number}`);
      let seat: Seat | null = null;
      try {
        const chromium = await startChromium(profile);
        seat = { chromium, page: await chromium.open(url) };
        await untilReady(seat.page);
        const faults: string[] = [];
        if ((await editPutBack(seat.page, [storedEdit])) !== storedEdit)
          throw new Error('The profile has no session.');
        const edits: Seen = [{ what: storedEdit, atMs: 0 }];
        const stepsSeen: Seen = [];
        const afterMs = random.below(activity.longestMs);
        const fromStep = activity.runs ? random.below(steps) : 0;
        const moment = activity.runs ? null : seat.page.waitForTimeout(afterMs);
        const begun = activity.begin(
          seat.page,
          random,
          (what) => void edits.push({ what, atMs: performance.now() }),
          url,
        );
        begun.catch(() => undefined);
        let isEnded = false;
        const watching = activity.runs ? watchSteps(seat.page, stepsSeen, () => isEnded) : null;
        await moment;
        if (activity.runs) {
          await untilStep(seat.page, fromStep);
          await seat.page.waitForTimeout(afterMs);
        }
        const killedMs = performance.now();
        await ending.kill(seat);
        isEnded = true;
        await watching;
        const backFromMs = performance.now();
        seat = await ending.comeBack(seat, url, profile);
        const { page } = seat;
        await untilReady(page);
        const backMs = performance.now() - backFromMs;
        const made = edits.map(({ what }) => what);
        const shown = await editPutBack(page, made);
        const lost = edits.filter(({ what }) => !(what <= shown));
        const lostMs = lost[0] ? killedMs - lost[0].atMs : 0;
        if (!made.includes(shown))
          faults.push(
            `The session did not come back: the page shows ${await runStateOf(page)}, edit ${shown}.`,
          );
        else if (lostMs > mostLostMs)
          faults.push(`${lost.length} edits of the last ${Math.round(lostMs)} ms were lost.`);
        const archives = await archivesLeft(page, !ending.keepsTab);
        if (archives.length > 0) faults.push(`Archives of exports were left: ${archives.join(', ')}.`);
        let lostSteps = 0;
        let sameBits: boolean | null = null;
        if (activity.runs) {
          const back = await stepOf(page);
          const gone = stepsSeen.filter(({ what }) => what > back);
          lostSteps = gone.length;
          if (lostSteps > 1 && killedMs - (gone[0]?.atMs ?? 0) > mostLostMs)
            faults.push(
              `${lostSteps} steps were lost, the first shown ${Math.round(killedMs - (gone[0]?.atMs ?? 0))} ms before.`,
            );
          // It may have made its last step before it was ended.
          if (!(await runStateOf(page)).includes('finished')) await page.getByTestId(testIds.play).click();
          sameBits = (await finishedGates(page)) === reference;
          if (!sameBits) faults.push(`The run went on from step ${back} and ended with other gates.`);
        }
        return {
          number,
          kind: `${activity.name}, ${ending.name}`,
          afterMs,
          lostEdits: lost.length,
          lostMs: Math.round(lostMs),
          step: stepsSeen.at(-1)?.what ?? 0,
          lostSteps,
          sameBits,
          backMs: Math.round(backMs),
          faults,
        };
      } finally {
        await seat?.chromium.kill();
        rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
      }
    },
    end,
  };
}

/** A profile in which the demo was opened and a session is stored. */
async function makeTemplate(profile: string, url: string): Promise<void> {
  const chromium = await startChromium(profile);
  const page = await chromium.open(url);
  await untilReady(page);
  for (const [name, value] of [['steps', steps]] as const)
    await enter(page, testIds.option(name), String(value));
  await selectFirst(page);
  await edit(page, storedEdit);
  await page.waitForTimeout(3000);
  await chromium.close();
}

/** The edit that the page shows once a session is put back, which goes on after its models are open. */
async function editPutBack(page: Page, made: readonly number[]): Promise<number> {
  let shown = await editShown(page);
  for (
    const begunMs = performance.now();
    !made.includes(shown) && performance.now() - begunMs < longestBackMs;
  ) {
    await page.waitForTimeout(40);
    shown = await editShown(page);
  }
  return shown;
}

/** Until the page is gone, or once more after `isEnded`. */
async function watchSteps(page: Page, seen: Seen, isEnded: () => boolean): Promise<void> {
  try {
    for (let isLast = false; !isLast;) {
      isLast = isEnded();
      const what = await stepOf(page);
      if (what > (seen.at(-1)?.what ?? 0)) seen.push({ what, atMs: performance.now() });
      await page.waitForTimeout(40);
    }
  } catch {
    // The page is gone.
  }
}

/** Until a run that has begun has made so many steps. */
async function untilStep(page: Page, least: number): Promise<void> {
  for (let made = 0; made < least; made = await stepOf(page)) await page.waitForTimeout(40);
}

async function finishedGates(page: Page): Promise<string> {
  await page.waitForFunction(
    (id) => document.querySelector(`[data-testid="${id}"]`)?.textContent?.includes('finished'),
    testIds.runState,
  );
  return gatesOf(page);
}
