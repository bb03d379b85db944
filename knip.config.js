/**
 * Finds files, exports and dependencies that nobody uses: `npx knip`, part of `npm test`. What is started in another
 * way than by an import is named here.
 */
export default {
  entry: [
    // Loaded by scripts through Vite's module loader.
    'cli/frism.ts',
    'cli/command.thread.ts',
    'scripts/docs/tables.ts',
    // Bundled by scripts/fuzz.mjs.
    'scripts/fuzz/main.ts',
    'scripts/fuzz/worker.ts',
    // Bundled by scripts/kills.mjs.
    'scripts/kills/main.ts',
    // Bundled by scripts/soak.mjs.
    'scripts/soak/main.ts',
    'bench/main.ts',
    // Loaded by pages and workers that bench/lab.ts serves.
    'bench/browser/page/main.ts',
    'bench/browser/worker/bench.worker.ts',
  ],
  project: ['**/*.{ts,tsx,js,mjs}', '!workers/**/wasm/*.ts', '!public/**'],
  // A type that a function of the same file takes or gives is part of what the file offers.
  ignoreExportsUsedInFile: { interface: true, type: true },
  // Named whole, imported in parts: docs/decisions/tfjs-packages.md.
  ignoreDependencies: ['@tensorflow/tfjs'],
  // `npm run typecheck` names them by their parts.
  typescript: { config: ['tsconfig.{core,worker,page,test}.json'] },
  // Debian's, which `npm test` uses only where it finds it.
  ignoreBinaries: ['apt-get'],
};
