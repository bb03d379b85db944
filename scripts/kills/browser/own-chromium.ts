/**
 * A Chromium with a profile of its own that can be ended as a system ends it: SIGKILL to its process. It computes on
 * WebAssembly, as it has no graphics.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { chromium, type Browser, type Page } from 'playwright-core';
import { findChromium } from '../../chromium.mjs';

/** Whatever takes longer than this hangs. */
const hangingMs = 300_000;

const flags = [
  ...[
    '--headless=new',
    '--no-sandbox',
    '--no-first-run',
    '--disable-gpu',
    '--disable-quic',
    '--disable-sync',
  ],
  ...['--disable-background-networking', '--disable-component-update', '--hide-crash-restore-bubble'],
  ...['--disable-breakpad', '--remote-debugging-port=0', '--window-size=1280,800'],
];

export interface OwnChromium {
  readonly browser: Browser;
  /** A new tab on the studio. */
  open(url: string): Promise<Page>;
  /** As a system ends it: nothing in it is told. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** As a person closes it. */
  close(): Promise<void>;
}

/** Keeps the page's workers at hand, so that they can be ended. Runs in the page. */
const keepWorkers = (): void => {
  const workers: Worker[] = [];
  class Kept extends Worker {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      if (given[1]?.name?.startsWith('engine') === true) workers.push(this);
    }
  }
  Object.assign(globalThis, { Worker: Kept, engineWorkers: workers });
};

export async function startChromium(profile: string): Promise<OwnChromium> {
  const child = spawn(findChromium(), [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const end = (): void => void child.kill('SIGKILL');
  process.on('exit', end);
  child.on('exit', () => process.off('exit', end));
  const gone = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const browser = await chromium.connectOverCDP(await addressOf(child), { timeout: hangingMs });
  const [context] = browser.contexts();
  if (!context) throw new Error('Chromium has no window.');
  context.setDefaultTimeout(hangingMs);
  await context.addInitScript(keepWorkers);
  return {
    browser,
    async open(url) {
      const page = await context.newPage();
      await page.setViewportSize({ width: 1920, height: 1080 });
      await page.goto(url);
      return page;
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
      await browser.close().catch(() => undefined);
    },
    async close() {
      const session = await browser.newBrowserCDPSession();
      await session.send('Browser.close').catch(() => undefined);
      await gone;
    },
  };
}

/** Where it listens, as it says itself. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (found) resolve(found);
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`Chromium ended with code ${code}: ${said.slice(-500)}`)));
  });
}
