// Compiles the AssemblyScript sources that compute inside tfjs's WebAssembly memory: the entry and the matrix
// product in workers/backend/heap/wasm, each fused operation in workers/kernels/<operation>/wasm. They import that
// memory, so they must bring no data of their own; whether it may be shared between threads is one byte of the
// binary.
import { fileURLToPath } from 'node:url';
import { compileAssemblyScript, moduleOf } from './assembly-script.mjs';

const workers = new URL('../workers/', import.meta.url);
const entry = 'backend/heap/wasm/kernel.ts';
export const heapModulePath = fileURLToPath(new URL('backend/heap/heap-binary.ts', workers));

/** tfjs's memory may grow to 4 GiB. */
const memory = ['--importMemory', '--maximumMemory', '65536'];

/** The text of heap-binary.ts for the sources as they are now. */
export async function buildHeapModule() {
  const own = await compileAssemblyScript(workers, entry, memory);
  const shared = await compileAssemblyScript(workers, entry, [
    ...memory,
    '--enable',
    'threads',
    '--sharedMemory',
  ]);
  const differing = [...own.keys()].filter((at) => own[at] !== shared[at]);
  if (own.length !== shared.length || differing.length !== 1)
    throw new Error('The binaries for own and for shared memory differ in more than the flag of the memory.');
  if (sectionIds(own).includes(11))
    throw new Error("The module has a data section: it would overwrite what lies in tfjs's memory.");
  const [flagAt] = differing;
  return moduleOf(own, [
    '/** Where the memory import says whether threads share the memory. */',
    `export const memoryFlag = { at: ${flagAt}, own: ${own[flagAt]}, shared: ${shared[flagAt]} } as const;`,
  ]).join('\n');
}

function sectionIds(binary) {
  const ids = [];
  for (let at = 8; at < binary.length;) {
    ids.push(binary[at++]);
    let [size, shift, byte] = [0, 0, 0];
    do {
      byte = binary[at++];
      size |= (byte & 127) << shift;
      shift += 7;
    } while (byte & 128);
    at += size;
  }
  return ids;
}
