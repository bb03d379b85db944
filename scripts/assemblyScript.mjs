// Compiling AssemblyScript to a binary, and a binary to a TypeScript module.
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';

/** The binary of kernel.ts in a folder of sources. */
export async function compileAssemblyScript(sources, extra) {
  const options = ['--enable', 'simd', '--runtime', 'stub', '--use', 'abort=', '-O3', '--noAssert', '--converge', ...extra];
  let binary;
  const { error, stderr } = await asc.main(['kernel.ts', ...options, '--outFile', 'kernel.wasm', '--baseDir', fileURLToPath(sources)], {
    readFile: (name, base) => readOrNull(new URL(name, pathToFileURL(`${base}/`))),
    writeFile: (_name, contents) => (binary = contents),
    listFiles: () => [],
  });
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return binary;
}

/** Lines of a TypeScript module that holds a binary. */
export function moduleOf(binary, more = []) {
  const lines = Buffer.from(binary).toString('base64').match(/.{1,120}/g);
  return [
    '/** Made by `npm run build:wasm` from the sources in wasm/. Not to be edited. */',
    'export const wasmBase64 =',
    ...lines.map((line, i) => `  '${line}'${i === lines.length - 1 ? ';' : ' +'}`),
    ...more,
    '',
  ];
}

function readOrNull(url) {
  try {
    return readFileSync(url, 'utf8');
  } catch {
    return null;
  }
}
