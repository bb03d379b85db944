// Compiling AssemblyScript to a binary, and a binary to a TypeScript module.
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';

/**
 * The binary of an entry module, whose path is below `base`; no import leads out of that folder. `replaced`: files
 * that are read in the place of others.
 */
export async function compileAssemblyScript(base, entry, extra, replaced = {}) {
  const options = [
    '--enable',
    'simd',
    '--runtime',
    'stub',
    '--use',
    'abort=',
    '-O3',
    '--noAssert',
    '--converge',
    ...extra,
  ];
  let binary;
  const { error, stderr } = await asc.main(
    [entry, ...options, '--outFile', 'kernel.wasm', '--baseDir', fileURLToPath(base)],
    {
      readFile: (name, from) => readOrNull(new URL(replaced[name] ?? name, pathToFileURL(`${from}/`))),
      writeFile: (_name, contents) => (binary = contents),
      listFiles: () => [],
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return binary;
}

const origin = '/** Made by `npm run build:wasm` from the sources in wasm/. Not to be edited. */';

/** Lines of a TypeScript module that holds a binary. */
export function moduleOf(binary, more = []) {
  return [origin, ...constantOf('wasmBase64', binary), ...more, ''];
}

/** The same for several binaries, by name. */
export function moduleOfAll(binaries) {
  return [origin, ...Object.entries(binaries).flatMap(([name, binary]) => constantOf(name, binary)), ''];
}

function constantOf(name, binary) {
  const lines = Buffer.from(binary)
    .toString('base64')
    .match(/.{1,120}/g);
  return [
    `export const ${name} =`,
    ...lines.map((line, i) => `  '${line}'${i === lines.length - 1 ? ';' : ' +'}`),
  ];
}

function readOrNull(url) {
  try {
    return readFileSync(url, 'utf8');
  } catch {
    return null;
  }
}
