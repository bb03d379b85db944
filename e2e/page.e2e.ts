/**
 * The page under other conditions than a large screen and a mouse: a narrow window, a finger, larger text, a list
 * that is longer than its panel; and controls that are nowhere else tested.
 */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { byId, enter, onDemo, untilDemoReady, untilText, type Studio } from './support.ts';

let studio: Studio;
let page: Page;
let errors: string[];

onDemo((opened) => ({ studio, page, errors } = opened), { height: 720, wholeDemo: true });

const row = (id: string) => byId(page, `layer-row-${id}`);
/** Whether a spectrum was ever painted: a canvas that was not has the size that every canvas begins with. */
const isPainted = (id: string): Promise<boolean> =>
  row(id)
    .locator('canvas')
    .evaluate((canvas: HTMLCanvasElement) => canvas.width !== 300 || canvas.height !== 150);

describe('the list of layers', () => {
  test('paints the spectra that are in view, and no others until they are', async () => {
    const last = 'layers.3.mlp.down_proj';
    await expect.poll(() => isPainted('layers.0.self_attn.q_proj')).toBe(true);
    expect(await isPainted(last)).toBe(false);
    await row(last).scrollIntoViewIfNeeded();
    await expect.poll(() => isPainted(last)).toBe(true);
  });

  test('a change paints each spectrum in view once, and none beyond', async () => {
    await page.evaluate(() => {
      const counts = { paints: 0 };
      const own = CanvasRenderingContext2D.prototype.clearRect;
      CanvasRenderingContext2D.prototype.clearRect = function (...box) {
        if (this.canvas.closest('[role="tree"]')) counts.paints += 1;
        own.apply(this, box);
      };
      Object.assign(globalThis, { counts });
    });
    const shown = await page.locator('[role="tree"] canvas').evaluateAll((all) => {
      const list = all[0]?.closest('[role="tree"]')?.getBoundingClientRect();
      return all.filter((canvas) => {
        const { top, bottom } = canvas.getBoundingClientRect();
        return list !== undefined && bottom > list.top && top < list.bottom;
      }).length;
    });
    await page.emulateMedia({ colorScheme: 'dark' });
    const paints = () =>
      page.evaluate(() => (globalThis as unknown as { counts: { paints: number } }).counts.paints);
    await expect.poll(paints).toBeGreaterThan(0);
    // Two frames later nothing is left to be painted.
    await page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
    expect(await paints()).toBeLessThanOrEqual(shown);
    await page.emulateMedia({ colorScheme: 'light' });
  });

  test('Ctrl A selects every matrix', async () => {
    await row('layers.0.self_attn.k_proj').click();
    await page.keyboard.press('Control+a');
    await expect
      .poll(() => page.locator('[role="tree"] [data-testid^="layer-row-"][aria-selected="true"]').count())
      .toBe(28);
    await row('layers.0.self_attn.q_proj').click();
  });
});

describe('a run', () => {
  test('is held back where every gate is locked, and the way out stands beside it', async () => {
    await byId(page, 'layers-lock-all').click();
    expect(await byId(page, 'play').getAttribute('aria-disabled')).toBe('true');
    await byId(page, 'unlock-all').click();
    await byId(page, 'unlock-all').waitFor({ state: 'hidden' });
    expect(await byId(page, 'play').getAttribute('aria-disabled')).toBeNull();
  });

  test('that would go on from an earlier one’s gates says so and offers a fresh start', async () => {
    await enter(page, 'option-steps', '3');
    await byId(page, 'play').click();
    await untilText(page, 'run-state', /finished/);
    await byId(page, 'cancel-measuring').click();
    await byId(page, 'start-afresh').waitFor();
    await byId(page, 'play').click();
    await byId(page, 'toast').filter({ hasText: 'Run 2 goes on from the gates as they are' }).waitFor();
    await untilText(page, 'run-state', /finished/);
    await byId(page, 'cancel-measuring').click();
    await byId(page, 'toast').getByRole('button', { name: 'Start afresh' }).click();
    await page.getByRole('tab', { name: 'Log' }).click();
    await page
      .getByText(/^Run 3 starts from half-open gates/)
      .first()
      .waitFor();
    await untilText(page, 'run-state', /finished/);
    await byId(page, 'cancel-measuring').click();
    await page.getByRole('tab', { name: 'Export' }).click();
  });

  test('leaves snapshots that the eye compares with by a click, until it is clicked again', async () => {
    await byId(page, 'reset-gates').click();
    const eye = byId(page, 'peek-snapshot').first();
    await eye.click();
    expect(await eye.getAttribute('aria-pressed')).toBe('true');
    await page.mouse.move(400, 300);
    expect(await eye.getAttribute('aria-pressed')).toBe('true');
    await eye.click();
    expect(await eye.getAttribute('aria-pressed')).toBe('false');
  });
});

test('a preset whose gates are cut offers the range that it needs, and is then cut no more', async () => {
  await byId(page, 'presets').click();
  const preset = page.locator('[popover]:popover-open');
  await preset.getByText('102 of 128 gates want more than 1 and are clamped').waitFor();
  await byId(page, 'preset-widen').last().click();
  await expect.poll(() => byId(page, 'preset-widen').count()).toBe(0);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Defaults' }).click();
  await page.keyboard.press('Escape');
});

describe('a narrow window', () => {
  test.each([
    [1000, 700],
    [640, 400],
    [390, 844],
  ])(
    '%i × %i keeps Run in sight however far the page is scrolled, and is not wider than the window',
    async (width, height) => {
      await page.setViewportSize({ width, height });
      await page.evaluate(() => window.scrollTo(0, 1500));
      await expect
        .poll(async () => {
          const box = await byId(page, 'play').boundingBox();
          return box !== null && box.y >= 0 && box.y + box.height <= height && box.x + box.width <= width;
        })
        .toBe(true);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    },
  );

  test('at the largest text Run is in sight too, and the size is remembered', async () => {
    await page.setViewportSize({ width: 1280, height: 720 });
    const size = () =>
      page.evaluate(() => Number.parseFloat(getComputedStyle(document.documentElement).fontSize));
    expect(await size()).toBe(16);
    for (let press = 0; press < 3; press++) await byId(page, 'text-size').click();
    expect(await size()).toBe(24);
    await page.evaluate(() => window.scrollTo(0, 1500));
    const box = await byId(page, 'play').boundingBox();
    expect(box && box.y >= 0 && box.y < 720).toBe(true);
    expect(await page.evaluate(() => localStorage.getItem('frism-studio.textSize'))).toBe('1.5');
    await byId(page, 'text-size').click();
    expect(await size()).toBe(16);
  });
});

describe('a finger on the gate map', () => {
  test('scrolls when it swipes up, selects when it taps', async () => {
    const context = await studio.browser.newContext({
      viewport: { width: 390, height: 844 },
      hasTouch: true,
    });
    const phone = await context.newPage();
    await phone.goto(studio.url);
    await untilDemoReady(phone);
    const map = byId(phone, 'gate-map-grid');
    await map.scrollIntoViewIfNeeded();
    const selected = () => phone.locator('[role="treeitem"][aria-selected="true"]').allTextContents();
    const before = await selected();
    const box = await map.boundingBox();
    if (!box) throw new Error('The map is not on the screen.');
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const touch = await context.newCDPSession(phone);
    const scrolledBefore = await phone.evaluate(() => scrollY);
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] });
    for (let moved = 10; moved <= 120; moved += 10)
      await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x, y: y - moved }] });
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    expect(await selected()).toEqual(before);
    await expect.poll(() => phone.evaluate(() => scrollY)).not.toBe(scrolledBefore);
    const now = await map.boundingBox();
    if (!now) throw new Error('The map is not on the screen.');
    await phone.touchscreen.tap(now.x + now.width / 2, now.y + now.height * 0.7);
    await expect.poll(selected).not.toEqual(before);
    await context.close();
  });
});

test('nothing went wrong unseen', () => {
  expect(errors).toEqual([]);
});
