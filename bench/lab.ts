/**
 * A real Chromium with the bench's page in it, bundled as the studio is and served with the same headers
 * (cross-origin isolation), so that what is measured runs where people run it.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { build, mergeConfig, preview, type InlineConfig } from 'vite';
import { chromiumFlags, findChromium } from '../scripts/chromium.mjs';
import { isolationHeaders } from '../scripts/site-headers.ts';
import studioConfig from '../vite.config.ts';
import type { BenchWindow, PageApi, WorkerApi } from './browser/api.ts';
import { say } from './say.ts';

type Methods<Api> = {
  [Name in keyof Api as Api[Name] extends (...args: never[]) => unknown ? Name : never]: Api[Name];
};
type Called<Method> = Method extends (...args: infer Args) => Promise<infer Result>
  ? (...args: Args) => Promise<Result>
  : never;
/** The same methods, called from here. */
export type Remote<Api> = { readonly [Name in keyof Methods<Api>]: Called<Api[Name]> };

export interface Lab {
  readonly browserVersion: string;
  readonly page: Page;
  readonly worker: Remote<WorkerApi>;
  readonly drawing: Remote<PageApi>;
  close(): Promise<void>;
}

export interface LabSite {
  /** A new browser with a fresh profile, on the bench's page. */
  open(flags?: readonly string[]): Promise<Lab>;
  /** The same on a graphics processor; null, said once on stderr, where there is none. */
  openOnGpu(): Promise<Lab | null>;
  /** A file that Python reads by its path and the browser by its address. */
  share(name: string, bytes: Uint8Array): { readonly path: string; readonly url: string };
  /** A folder that is gone afterwards. */
  readonly scratch: string;
  /** Of the browsers opened so far; null before the first. */
  browserVersion(): string | null;
  close(): Promise<void>;
}

/**
 * Headless Chromium leaves the graphics processor alone unless told otherwise; on Linux it is reached through
 * Vulkan.
 */
const gpuFlags = [
  '--ignore-gpu-blocklist',
  '--enable-gpu',
  ...(process.platform === 'linux'
    ? ['--enable-features=Vulkan', '--use-angle=vulkan', '--disable-vulkan-surface']
    : []),
];

export async function buildSite(): Promise<LabSite> {
  const scratch = mkdtempSync(join(tmpdir(), 'frism-bench-'));
  const outDir = join(scratch, 'site');
  const root = fileURLToPath(new URL('browser', import.meta.url));
  const config: InlineConfig = {
    configFile: false,
    root,
    base: '/',
    publicDir: fileURLToPath(new URL('../public', import.meta.url)),
    logLevel: 'error',
    build: { outDir, emptyOutDir: true },
  };
  const merged = mergeConfig(studioConfig, config);
  await build(merged);
  mkdirSync(join(outDir, 'shared'));
  const server = await preview({
    ...merged,
    preview: { port: 4390, host: 'localhost', headers: isolationHeaders },
  });
  const url = server.resolvedUrls?.local[0];
  if (!url) throw new Error('The bench could not be served.');
  let withoutGpu = false;
  let browserVersion: string | null = null;
  const opened = async (flags: readonly string[]): Promise<Lab> => {
    const lab = await openLab(url, scratch, flags);
    browserVersion = lab.browserVersion;
    return lab;
  };
  // Also when a person ends it with Ctrl+C.
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
  return {
    scratch,
    browserVersion: () => browserVersion,
    open: (flags = []) => opened(flags),
    async openOnGpu() {
      if (withoutGpu) return null;
      const lab = await opened(gpuFlags);
      const { gpu } = await lab.worker.environment();
      if (gpu !== null) {
        say(`  Graphics processor: ${gpu}`);
        return lab;
      }
      withoutGpu = true;
      say(
        '  No graphics processor was found: WebGPU has no adapter here, or one in software, and is not measured.',
      );
      await lab.close();
      return null;
    },
    share(name, bytes) {
      const path = join(outDir, 'shared', name);
      writeFileSync(path, bytes);
      return { path, url: `/shared/${name}` };
    },
    async close() {
      await server.close();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

async function openLab(url: string, scratch: string, flags: readonly string[]): Promise<Lab> {
  // Of the flags that the tests use, the software graphics adapter is not wanted here: it must not pass for a
  // processor.
  const args = [...chromiumFlags.filter((flag) => !flag.startsWith('--use-webgpu-adapter')), ...flags];
  // A profile on disk: in a private one the browser's own file system lies in memory.
  const context = await chromium.launchPersistentContext(mkdtempSync(join(scratch, 'profile-')), {
    executablePath: findChromium(),
    headless: true,
    viewport: { width: 1280, height: 800 },
    args,
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const failures: string[] = [];
  page.on('pageerror', (error) => failures.push(error.message));
  await page.goto(url);
  await page
    .waitForFunction(() => 'frismBench' in window, undefined, { timeout: 30_000 })
    .catch(() => {
      throw new Error(`The bench's page did not start: ${failures.join('; ') || 'no error was reported'}.`);
    });
  const remote = <Api>(side: 'worker' | 'page'): Remote<Api> =>
    new Proxy({} as Remote<Api>, {
      get:
        (_target, method) =>
        (...args: readonly unknown[]) =>
          page.evaluate(
            ([at, name, given]) => {
              const methods = (window as unknown as BenchWindow).frismBench[at] as unknown as Record<
                string,
                (...args: readonly unknown[]) => Promise<unknown>
              >;
              return methods[name]?.(...given);
            },
            [side, String(method), args] as const,
          ),
    });
  return {
    browserVersion: context.browser()?.version() ?? 'unknown',
    page,
    worker: remote<WorkerApi>('worker'),
    drawing: remote<PageApi>('page'),
    close: () => context.close(),
  };
}
