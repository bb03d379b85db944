// `npm run soak`: half an hour of random actions on the page's store over the real engine (docs/reliability.md).
// scripts/soak/main.ts says what can be asked for: `npm run soak -- --help`.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleForNode } from './bundle.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const here = process.cwd();
process.chdir(root);
mkdirSync('dist-cli', { recursive: true });
const into = mkdtempSync(join(root, 'dist-cli', 'soak-'));
process.on('exit', () => rmSync(into, { recursive: true, force: true }));
await bundleForNode({ main: join(root, 'scripts/soak/main.ts') }, into);
const { main } = await import(pathToFileURL(join(into, 'main.js')).href);
process.exitCode = await main(process.argv.slice(2), here);
