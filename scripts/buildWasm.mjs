// Compiles the AssemblyScript sources of the SVD kernel, twice: with multiply-adds that round twice, as ECMAScript does, and with fused ones
// (relaxed SIMD). `npm run build:wasm` writes the results as a TypeScript module, so that Node, the worker and the bundler all load them
// as they load any other module; a test compares that module with a fresh build.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = new URL('../workers/kernels/svd/', import.meta.url);
export const wasmModulePath = fileURLToPath(new URL('wasmBinary.ts', folder));

/** The text of wasmBinary.ts for the sources as they are now. */
export async function buildWasmModule() {
  return [
    '/** Made by `npm run build:wasm` from the sources in wasm/. Not to be edited. */',
    ...constant('simd', await compile(['--enable', 'simd'], {})),
    '',
    '/** The same with wasm/maddFused.ts in the place of wasm/madd.ts. */',
    ...constant('fused', await compile(['--enable', 'simd', '--enable', 'relaxed-simd'], { 'madd.ts': 'maddFused.ts' })),
    '',
  ].join('\n');
}

/** `replaced`: files that are read in the place of others. */
async function compile(features, replaced) {
  const options = [...features, '--runtime', 'stub', '--importMemory', '--use', 'abort=', '-O3', '--noAssert', '--converge'];
  let binary;
  const { error, stderr } = await asc.main(['kernel.ts', ...options, '--outFile', 'kernel.wasm', '--baseDir', fileURLToPath(new URL('wasm', folder))], {
    readFile: (name, base) => readOrNull(new URL(replaced[name] ?? name, pathToFileURL(`${base}/`))),
    writeFile: (_name, contents) => (binary = contents),
    listFiles: () => [],
  });
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return Buffer.from(binary);
}

function constant(name, binary) {
  const lines = binary.toString('base64').match(/.{1,120}/g);
  return [`export const ${name}Base64 =`, ...lines.map((line, i) => `  '${line}'${i === lines.length - 1 ? ';' : ' +'}`)];
}

function readOrNull(url) {
  try {
    return readFileSync(url, 'utf8');
  } catch {
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await buildWasmModule();
  writeFileSync(wasmModulePath, text);
  console.log(`${wasmModulePath}: ${text.length} characters`);
}
