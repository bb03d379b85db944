// `npm run fuzz`: every parser of what others wrote, on inputs that a seed makes out of sound ones
// (docs/reliability.md). scripts/fuzz/main.ts says what can be asked for: `npm run fuzz -- --help`.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleForNode } from './bundle.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const here = process.cwd();
process.chdir(root);
mkdirSync('dist-cli', { recursive: true });
const into = mkdtempSync(join(root, 'dist-cli', 'fuzz-'));
process.on('exit', () => rmSync(into, { recursive: true, force: true }));
await bundleForNode(
  { main: join(root, 'scripts/fuzz/main.ts'), worker: join(root, 'scripts/fuzz/worker.ts') },
  into,
);
const { main } = await import(pathToFileURL(join(into, 'main.js')).href);
process.exitCode = await main(process.argv.slice(2), join(into, 'worker.js'), here);
