// `npm run bench`: loads main.ts through Vite, which compiles it. Only the result goes to stdout; all else,
// also what a library may print, goes to stderr.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

// Vite would set it to development when it compiles main.ts, and build the page with the development forms of
// its libraries.
process.env.NODE_ENV = 'production';

const folder = dirname(fileURLToPath(import.meta.url));
const toStdout = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

const { module } = await runnerImport(join(folder, 'main.ts'), {
  configFile: false,
  root: join(folder, '..'),
  logLevel: 'error',
});
process.exitCode = await module.main(process.argv.slice(2), toStdout);
