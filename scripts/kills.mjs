// `npm run kills`: ends the command line, or the tab, the worker and the browser of the studio, at random moments,
// and looks at what is left (docs/reliability.md). scripts/kills/main.ts says what can be asked for:
// `npm run kills -- --help`.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleForNode } from './bundle.mjs';
import { buildCliIfStale } from './frism.mjs';
import { buildIfStale, serve } from './start.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const here = process.cwd();
process.chdir(root);
mkdirSync('dist-cli', { recursive: true });
const into = mkdtempSync(join(root, 'dist-cli', 'kills-'));
process.on('exit', () => rmSync(into, { recursive: true, force: true }));
await bundleForNode({ main: join(root, 'scripts/kills/main.ts') }, into);
const { main } = await import(pathToFileURL(join(into, 'main.js')).href);
process.exitCode = await main(process.argv.slice(2), {
  here,
  buildCommandLine: buildCliIfStale,
  async serveStudio() {
    await buildIfStale();
    return serve(4410);
  },
});
