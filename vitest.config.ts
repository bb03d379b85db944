import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumFlags, findChromium } from './scripts/chromium.mjs';
import { isolationHeaders } from './scripts/site-headers.ts';
import { selfContainedWasmThreads } from './vite.config.ts';

/**
 * Three projects. `unit` runs in Node, numerical tests on tfjs wasm. `webgpu` runs the files named
 * *.device.test.ts again, in a real Chromium on WebGPU (software adapter). `e2e` drives the built site. Tests
 * read `inject('device')` to know where they are.
 */

/**
 * Ends a test that hangs. It is no statement on how long anything takes: the slowest test takes a twentieth of
 * it, so that nothing gets there on a machine that is slow or busy.
 */
const hangingMs = 600_000;
const guards = {
  testTimeout: hangingMs,
  hookTimeout: hangingMs,
  expect: { poll: { timeout: hangingMs, interval: 20 } },
};

export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: [
            '{core,protocol}/**/*.test.ts',
            'src/**/*.test.{ts,tsx}',
            'workers/**/*.test.ts',
            'scripts/**/*.test.ts',
            'bench/**/*.test.ts',
            'cli/**/*.test.ts',
          ],
          provide: { device: 'wasm' },
          ...guards,
          maxWorkers: 2,
        },
      },
      {
        plugins: [selfContainedWasmThreads()],
        server: { headers: isolationHeaders },
        optimizeDeps: {
          include: [
            '@tensorflow/tfjs-core',
            '@tensorflow/tfjs-backend-webgpu',
            '@tensorflow/tfjs-backend-wasm',
            '@jsquash/jpeg/codec/dec/mozjpeg_dec.js',
            '@jsquash/png/codec/pkg/squoosh_png.js',
            '@jsquash/webp/codec/dec/webp_dec.js',
            // Of the page: whatever asks the server for it would have these bundled late, and a late bundle reloads
            // the page in which tests run.
            'react',
            'react/jsx-dev-runtime',
            'react-dom',
            'react-dom/client',
            'lucide-react',
            'zustand',
            'comlink',
            'recharts',
            '@zip.js/zip.js/lib/zip-core-native.js',
          ],
        },
        test: {
          name: 'webgpu',
          include: ['workers/**/*.device.test.ts'],
          provide: { device: 'webgpu' },
          ...guards,
          fileParallelism: false,
          // One page for all files: a software adapter takes most of its time to compile programs, and a device
          // that goes on running has those of the files before.
          isolate: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { executablePath: findChromium(), args: [...chromiumFlags] },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['e2e/**/*.e2e.ts'],
          ...guards,
          // Each journey has a server and a browser of its own, and waits for much of its time.
          maxWorkers: 2,
        },
      },
    ],
  },
});

declare module 'vitest' {
  interface ProvidedContext {
    device: 'wasm' | 'webgpu';
  }
}
