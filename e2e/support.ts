/**
 * What every journey needs: the built site served with its headers, a Chromium, and a page that fails on
 * errors nobody expected.
 */
import type { Role } from '../core/family/trio.ts';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { chromiumFlags, findChromium } from '../scripts/chromium.mjs';
import { serve } from '../scripts/start.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
export const demoFolder = (role: Role): string => join(root, 'public', 'models', 'demo', role);

export interface Studio {
  readonly url: string;
  readonly browser: Browser;
  /** A page on the studio, demo loading. Page errors are collected in `errors`. */
  open(options?: {
    readonly width?: number;
    readonly height?: number;
    readonly dark?: boolean;
  }): Promise<{ readonly page: Page; readonly errors: string[] }>;
  close(): Promise<void>;
}

/**
 * Whatever a test waits for is broken when it takes longer than this. No test passes or fails by how fast a
 * machine is.
 */
export const hangingMs = 300_000;

export async function startStudio(): Promise<Studio> {
  if (!existsSync(join(root, 'dist', 'index.html')))
    throw new Error('The site is not built: run `npm run build` first (`npm test` does).');
  const site = await serve(4310);
  const browser = await chromium.launch({
    executablePath: findChromium(),
    headless: true,
    args: [...chromiumFlags],
  });
  return {
    url: site.url,
    browser,
    async open({ width = 1280, height = 800, dark = false } = {}) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: dark ? 'dark' : 'light',
        acceptDownloads: true,
      });
      context.setDefaultTimeout(hangingMs);
      const page = await context.newPage();
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      await page.goto(site.url);
      return { page, errors };
    },
    async close() {
      await browser.close();
      await site.close();
    },
  };
}

export const byId = (page: Page, id: string): ReturnType<Page['getByTestId']> => page.getByTestId(id);

/** Until text of a test id matches. */
export async function untilText(page: Page, id: string, pattern: RegExp): Promise<string> {
  const found = byId(page, id).filter({ hasText: pattern });
  await found.first().waitFor();
  return (await found.first().textContent()) ?? '';
}

/** Until the demo's 28 matrices are decomposed and the studio can run. */
export async function untilDemoReady(page: Page): Promise<void> {
  await byId(page, 'layer-row-layers.0.self_attn.q_proj').waitFor();
  await page.waitForFunction(() => {
    const play = document.querySelector('[data-testid="play"]');
    return (
      play !== null &&
      play.ariaDisabled !== 'true' &&
      document.querySelector('[data-testid="loading"]') === null
    );
  });
}

/** Until models that were chosen are open, and the report has been left that comes up where something is amiss. */
export async function untilModelsOpen(page: Page): Promise<void> {
  await byId(page, 'open-dialog').waitFor({ state: 'hidden' });
  const findings = await page.getByRole('button', { name: /^Pairing/ }).textContent();
  if (findings?.includes('·')) {
    await page.getByText(/linear layers of base, VLM and LRM match/).waitFor();
    await page.keyboard.press('Escape');
  }
  await page.locator('dialog').waitFor({ state: 'hidden' });
}
