// `npm start`: builds the studio if its sources changed since the last build, serves it on localhost and
// prints the address.
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';
import { newestMs } from './newest.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

export async function buildIfStale() {
  const inputs = [
    'src',
    'core',
    'protocol',
    'workers',
    'public',
    'index.html',
    'vite.config.ts',
    'scripts/site-headers.ts',
    'package.json',
    'package-lock.json',
  ];
  const newestInput = Math.max(...inputs.map((name) => newestMs(join(root, name))));
  const built = statSync(join(root, 'dist', 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built >= newestInput) return;
  await build({ root, logLevel: 'warn' });
}

/**
 * Serves dist/ with the site's headers; tries the next port while one is taken.
 * @param {number} [port]
 * @param {import('vite').Plugin[]} [plugins] Of tests, which answer some requests themselves.
 */
export async function serve(port = Number(process.env.PORT ?? 4173), plugins = []) {
  const server = await preview({
    root,
    logLevel: 'error',
    plugins,
    preview: { port, host: 'localhost', strictPort: false },
  });
  const url = server.resolvedUrls?.local[0];
  if (!url) throw new Error(`No address: port ${port} and those after it could not be opened.`);
  return { url, close: () => server.close() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log('FRISM Studio: building if needed …');
  await buildIfStale();
  const { url } = await serve();
  console.log(`FRISM Studio is at ${url}  (Ctrl+C stops it)`);
}
