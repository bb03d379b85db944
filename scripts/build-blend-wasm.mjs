// Compiles the AssemblyScript source of the bfloat16 blend (workers/kernels/blend/wasm) to the TypeScript
// module that holds its binary.
import { fileURLToPath } from 'node:url';
import { compileAssemblyScript, moduleOf } from './assembly-script.mjs';

const folder = new URL('../workers/kernels/blend/', import.meta.url);
export const blendModulePath = fileURLToPath(new URL('wasm-binary.ts', folder));

/** The text of wasm-binary.ts for the source as it is now. */
export async function buildBlendModule() {
  return moduleOf(
    await compileAssemblyScript(new URL('wasm/', folder), 'kernel.ts', ['--importMemory']),
  ).join('\n');
}
