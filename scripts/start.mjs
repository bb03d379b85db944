// `npm start`: builds the studio if its sources changed since the last build, serves it on localhost and prints the address.
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Newest modification time under `path`, in milliseconds; 0 where there is nothing. */
function newestMs(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestMs(join(path, name))), stat.mtimeMs);
}

export async function buildIfStale() {
  const inputs = ['src', 'workers', 'public', 'index.html', 'vite.config.ts', 'package.json', 'package-lock.json'];
  const newestInput = Math.max(...inputs.map((name) => newestMs(join(root, name))));
  const built = statSync(join(root, 'dist', 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built >= newestInput) return;
  await build({ root, logLevel: 'warn' });
}

/** Serves dist/ with the isolation headers; tries the next port while one is taken. */
export async function serve(port = Number(process.env.PORT ?? 4173)) {
  const server = await preview({ root, logLevel: 'error', preview: { port, host: 'localhost', strictPort: false } });
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
