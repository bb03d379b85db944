// Programs for Node out of the project's TypeScript, as the command line and the scripts run it.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * @param input names of programs, each with its entry, an absolute path
 * @param outDir a folder of the repository, so that the packages are found from it
 */
export async function bundleForNode(input, outDir) {
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
      outDir,
      target: 'node20',
      minify: false,
      // Emscripten's code expects the names of CommonJS.
      rolldownOptions: {
        input,
        // All in one folder: a program looks for its threads beside itself, whatever chunk asks.
        output: {
          chunkFileNames: '[name]-[hash].js',
          banner: `import { createRequire as frismRequire } from 'node:module'; const require = frismRequire(import.meta.url); const __dirname = import.meta.dirname; const __filename = import.meta.filename;`,
        },
      },
    },
  });
}
