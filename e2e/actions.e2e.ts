/**
 * A control that cannot be used now says why: on hover, to the keyboard and to a screen reader, and its key is
 * held back with it.
 */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { byId, demoFolders, onDemo, openFolders, untilModelsOpen } from './support.ts';

let page: Page;
let errors: string[];
const sentence = 'These models bring no calibration images. Choose images of your own first.';

onDemo(async (opened) => {
  ({ page, errors } = opened);
  // Folders bring the models alone, so that a run has nothing to calibrate on.
  await openFolders(page, demoFolders);
  await untilModelsOpen(page);
});

const tip = () => page.getByRole('tooltip').filter({ hasText: sentence, visible: true });
const inWindow = async (): Promise<boolean> => {
  const box = await tip().first().boundingBox();
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  return (
    box !== null && box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height
  );
};

test('Run says on hover why it is held back, whole and inside the window, and moves nothing', async () => {
  const run = byId(page, 'play');
  const before = await run.boundingBox();
  await run.hover({ force: true });
  await tip().first().waitFor();
  expect(await inWindow()).toBe(true);
  expect(await run.boundingBox()).toEqual(before);
  await page.mouse.move(400, 300);
  await tip().first().waitFor({ state: 'hidden' });
});

test('the keyboard reaches it, and a screen reader is told the same', async () => {
  const run = byId(page, 'play');
  await byId(page, 'reset-gates').focus();
  await page.keyboard.press('Tab');
  expect(await run.evaluate((element) => element === document.activeElement)).toBe(true);
  await tip().first().waitFor();
  expect(await run.getAttribute('aria-disabled')).toBe('true');
  const described = await run.evaluate((element) =>
    (element.getAttribute('aria-describedby') ?? '')
      .split(' ')
      .map((id) => document.getElementById(id)?.textContent)
      .join(' '),
  );
  expect(described).toBe(sentence);
  await page.keyboard.press('Escape');
  await tip().first().waitFor({ state: 'hidden' });
});

test('neither a press nor Space starts a run; both say the obstacle', async () => {
  await byId(page, 'play').click({ force: true });
  const toast = byId(page, 'toast').filter({ hasText: sentence });
  await toast.waitFor();
  await toast.getByRole('button', { name: 'Dismiss' }).click();
  await toast.waitFor({ state: 'hidden' });
  // The toast took the focus along: the key reaches the studio.
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.keyboard.press('Space');
  await toast.waitFor();
  expect(await byId(page, 'run-state').textContent()).toBe('idle');
  expect(errors).toEqual([]);
});

test('the keyboard help lists the keys of the actions, and the key of a tool chooses it in its panel only', async () => {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.keyboard.press('d');
  expect(await byId(page, 'tool-shape').getAttribute('aria-pressed')).toBe('true');
  await byId(page, 'axis-log').focus();
  await page.keyboard.press('d');
  expect(await byId(page, 'tool-draw').getAttribute('aria-pressed')).toBe('true');
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard' });
  await help.getByText('Run, pause or resume').waitFor();
  await help.getByText('Redo an edit of the gates').waitFor();
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'hidden' });
});
