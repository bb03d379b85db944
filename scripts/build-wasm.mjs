// Compiles the AssemblyScript sources of the SVD kernel, twice: with multiply-adds that round twice, as
// ECMAScript does, and with fused ones (relaxed SIMD). `npm run build:wasm` writes the results as a
// TypeScript module, so that Node, the worker and the bundler all load them as they load any other module; a
// test compares that module with a fresh build. The module that computes in tfjs's memory and the one that
// merges bfloat16 are built along (build-heap-wasm.mjs, build-blend-wasm.mjs).
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileAssemblyScript, moduleOfAll } from './assembly-script.mjs';
import { blendModulePath, buildBlendModule } from './build-blend-wasm.mjs';
import { buildHeapModule, heapModulePath } from './build-heap-wasm.mjs';

const folder = new URL('../workers/kernels/svd/', import.meta.url);
export const wasmModulePath = fileURLToPath(new URL('arithmetic/wasm-binary.ts', folder));

/** The text of wasm-binary.ts for the sources as they are now. */
export async function buildWasmModule() {
  const sources = new URL('wasm/', folder);
  return moduleOfAll({
    simdBase64: await compileAssemblyScript(sources, 'kernel.ts', ['--importMemory']),
    fusedBase64: await compileAssemblyScript(
      sources,
      'kernel.ts',
      ['--importMemory', '--enable', 'relaxed-simd'],
      {
        'madd.ts': 'madd-fused.ts',
      },
    ),
  }).join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of [
    [wasmModulePath, await buildWasmModule()],
    [heapModulePath, await buildHeapModule()],
    [blendModulePath, await buildBlendModule()],
  ]) {
    writeFileSync(path, text);
    console.log(`${path}: ${text.length} characters`);
  }
}
