/**
 * What every journey needs: the built site served with its headers, a Chromium, and a page that fails on
 * errors nobody expected.
 */
import { roles, type Role } from '../core/family/trio.ts';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Download, type Page } from 'playwright-core';
import type { Plugin } from 'vite';
import { afterAll, beforeAll } from 'vitest';
import { chromiumFlags, findChromium } from '../scripts/chromium.mjs';
import { serve } from '../scripts/start.mjs';
import { demoSets, firstItems } from '../test/small-demo.ts';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
export const demoFolder = (role: Role): string => join(root, 'public', 'models', 'demo', role);

export const demoFolders = { base: demoFolder('base'), vlm: demoFolder('vlm'), lrm: demoFolder('lrm') };

interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

interface SiteOptions {
  /** The demo with all of its images and prompts; otherwise with the first of them, which a run looks at sooner. */
  readonly wholeDemo?: boolean;
}

const smallDemo: Plugin = {
  name: 'small-demo',
  configurePreviewServer({ middlewares }) {
    for (const set of demoSets)
      middlewares.use(`/models/demo/data/${set}.json`, (_, response) => {
        response.setHeader('Content-Type', 'application/json');
        response.end(
          firstItems(readFileSync(join(root, 'dist', 'models', 'demo', 'data', `${set}.json`), 'utf8')),
        );
      });
  },
};

interface OpenedPage {
  readonly page: Page;
  /** Errors of the page, those on its console included. */
  readonly errors: string[];
}

export interface Studio {
  readonly url: string;
  readonly browser: Browser;
  /**
   * What the policies of the page and its workers kept from happening, in all pages of the browser. A journey that
   * provokes something takes it out of here.
   */
  readonly violations: string[];
  /** A page on the studio, demo loading. */
  open(options?: PageOptions): Promise<OpenedPage>;
  /** Throws where a policy was violated. */
  close(): Promise<void>;
}

type Opened = OpenedPage & { readonly studio: Studio };

/**
 * Whatever a test waits for is broken when it takes longer than this. No test passes or fails by how fast a
 * machine is.
 */
export const hangingMs = 300_000;

export async function startStudio({ wholeDemo = false }: SiteOptions = {}): Promise<Studio> {
  if (!existsSync(join(root, 'dist', 'index.html')))
    throw new Error('The site is not built: run `npm run build` first (`npm test` does).');
  const site = await serve(4310, wholeDemo ? [] : [smallDemo]);
  const browser = await chromium.launch({
    executablePath: findChromium(),
    headless: true,
    args: [...chromiumFlags],
  });
  const violations: string[] = [];
  browser.on('context', (context) => recordViolations(context, violations));
  return {
    url: site.url,
    browser,
    violations,
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
      if (violations.length > 0)
        throw new Error(`A policy of the site was violated:\n${violations.join('\n')}`);
    },
  };
}

/** How the listeners below say it, and how Chromium does. */
const violation = /^policy violated:|Content Security Policy|Trusted(HTML|Script|ScriptURL)\b/;

function recordViolations(context: BrowserContext, violations: string[]): void {
  // In a page and in a worker alike. Runs there, so it refers to nothing here.
  const report = () =>
    addEventListener('securitypolicyviolation', (event) => {
      const { effectiveDirective, blockedURI, sourceFile, lineNumber } =
        event as SecurityPolicyViolationEvent;
      console.error(`policy violated: ${effectiveDirective} by ${blockedURI} in ${sourceFile}:${lineNumber}`);
    });
  context.on('console', (message) => {
    if (violation.test(message.text())) violations.push(message.text());
  });
  void context.addInitScript(report);
  context.on('page', (page) =>
    // A worker may have ended before it can be listened to.
    page.on('worker', (worker) => void worker.evaluate(report).catch(() => undefined)),
  );
}

/** The tests of a file share one page, which `begin` is given before the first of them. */
export function onStudio(begin: (opened: Opened) => unknown, options: PageOptions & SiteOptions = {}): void {
  let studio: Studio | undefined;
  beforeAll(async () => {
    studio = await startStudio(options);
    await begin({ studio, ...(await studio.open(options)) });
  });
  afterAll(() => studio?.close());
}

/** As `onStudio`, on a page where the demo can be run. */
export function onDemo(begin: (opened: Opened) => unknown, options: PageOptions & SiteOptions = {}): void {
  onStudio(async (opened) => {
    await untilDemoReady(opened.page);
    await begin(opened);
  }, options);
}

/** A folder that is removed after the tests of the file. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'frism-e2e-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const byId = (page: Page, id: string): ReturnType<Page['getByTestId']> => page.getByTestId(id);

/** Until text of a test id matches. */
export async function untilText(page: Page, id: string, pattern: RegExp): Promise<string> {
  const found = byId(page, id).filter({ hasText: pattern });
  await found.first().waitFor();
  // Not waited for again: a text that has gone on in between, as an announcement does, was there all the same.
  return found.evaluateAll(([element]) => element?.textContent ?? '');
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

/** Chooses three folders in the dialog for opening models, and opens them. */
export async function openFolders(page: Page, folders: Readonly<Record<Role, string>>): Promise<void> {
  if (!(await byId(page, 'open-dialog').isVisible())) await byId(page, 'open-models').click();
  for (const role of roles) await byId(page, `folder-${role}`).setInputFiles(folders[role]);
  await byId(page, 'open-folders').click();
}

/** Types a value into a field, which takes it with Enter. */
export async function enter(page: Page, id: string, value: string): Promise<void> {
  await byId(page, id).fill(value);
  await byId(page, id).press('Enter');
}

/**
 * Until the browser has stored a session whose run is in this state at this step, with so many snapshots; where it is
 * interrupted, with what it goes on from at that step.
 */
export async function untilStored(
  page: Page,
  state: string,
  step: number,
  {
    snapshots = 0,
    source = null,
    interrupted = false,
  }: { readonly snapshots?: number; readonly source?: string | null; readonly interrupted?: boolean } = {},
): Promise<void> {
  // A predicate of waitForFunction that is asynchronous counts as true at once.
  const isStored = () =>
    page.evaluate(
      async (wanted) => {
        const database = await new Promise<IDBDatabase>((resolve, reject) => {
          const request = indexedDB.open('frism-studio-sessions');
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(new Error(String(request.error)));
        });
        try {
          if (!database.objectStoreNames.contains('sessions')) return false;
          interface Stored {
            readonly parts: {
              readonly run: { readonly state: string; readonly step: number };
              readonly records: { readonly snapshots: readonly unknown[] };
              readonly models: { readonly source: { readonly kind: string } };
              readonly interrupted: { readonly checkpoint: { readonly step: number } | null };
            };
          }
          const sessions = await new Promise<readonly Stored[]>((resolve) => {
            const request = database.transaction('sessions').objectStore('sessions').getAll();
            request.onsuccess = () => resolve(request.result as never);
          });
          return sessions.some(
            ({
              parts: {
                run,
                records,
                models,
                interrupted: { checkpoint },
              },
            }) =>
              run.state === wanted.state &&
              run.step === wanted.step &&
              records.snapshots.length >= wanted.snapshots &&
              (wanted.source === null || models.source.kind === wanted.source) &&
              // A run that goes on is stored as stopped, with what it goes on from.
              (wanted.interrupted ? checkpoint?.step === wanted.step : checkpoint === null),
          );
        } finally {
          database.close();
        }
      },
      { state, step, snapshots, source, interrupted },
    );
  while (!(await isStored())) await page.waitForTimeout(200);
}

/** What is downloaded when a button is pressed. */
export async function downloadBy(page: Page, id: string): Promise<Download> {
  const download = page.waitForEvent('download');
  await byId(page, id).click();
  return await download;
}

/**
 * No test can press the browser's own picker: a directory of the private file system, called `picked`, stands in,
 * which is written in the same way.
 */
export async function standInForPicker(page: Page): Promise<void> {
  await page.evaluate(() => {
    const picked = async () =>
      (await navigator.storage.getDirectory()).getDirectoryHandle('picked', { create: true });
    Object.assign(window, { showDirectoryPicker: picked });
  });
}
