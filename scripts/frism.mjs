#!/usr/bin/env node
// `frism …`: bundles the command line when its sources changed since the last time, then runs it. Arguments
// go through as they are.
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { realpathSync, statSync } from 'node:fs';
import { newestMs } from './newest.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
export const bundle = join(root, 'dist-cli', 'frism.js');

export async function buildCliIfStale() {
  const inputs = ['cli', 'core', 'protocol', 'workers', 'package.json', 'scripts/frism.mjs'].map((name) =>
    newestMs(join(root, name)),
  );
  if ((statSync(bundle, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= Math.max(...inputs)) return;
  const { build } = await import('vite');
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    // Its modules import one another without file extensions, which Node refuses.
    ssr: { noExternal: [/^@tensorflow\//] },
    build: {
      ssr: true,
      outDir: 'dist-cli',
      target: 'node20',
      minify: false,
      // Emscripten's code expects the names of CommonJS.
      rolldownOptions: {
        // The thread that decomposes is a program of its own beside it.
        input: {
          frism: join(root, 'cli', 'frism.ts'),
          'svd-thread': join(root, 'workers', 'svd.thread.node.ts'),
        },
        // All in one folder: the command line looks for the thread beside itself, whatever chunk asks.
        output: {
          chunkFileNames: '[name]-[hash].js',
          banner: `import { createRequire as frismRequire } from 'node:module'; const require = frismRequire(import.meta.url); const __dirname = import.meta.dirname; const __filename = import.meta.filename;`,
        },
      },
    },
  });
}

// npx starts it through a link of another name.
if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await buildCliIfStale();
  await import(pathToFileURL(bundle).href);
}
