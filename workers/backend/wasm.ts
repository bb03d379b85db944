/**
 * Starts tfjs's WebAssembly backend on all cores but one, or on one thread where threads may not share
 * memory.
 */
import { backend, env, setBackend } from '@tensorflow/tfjs-core';
import { getThreadsCount, setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { StudioError } from '../../core/errors.ts';
import type { BackendHost } from './host.ts';
import { mendWasmIdentity } from './identity.ts';
import { mendWasmMatmul } from './matmul/wasm.ts';
import { guardWasmMemory } from './wasm-memory.ts';

/** tfjs spawns a pool of eight threads and cannot use more. */
const mostThreads = 8;

/**
 * Not asked of tfjs: its `findBackend` starts what it does not find, with a second heap and a pool of threads
 * that nobody uses.
 */
let started = false;

/** Returns the number of threads. A backend that already runs is used again, threads and all. */
export async function startWasm(host: BackendHost): Promise<number> {
  if (started) {
    await setBackend('wasm');
    return threadsInUse();
  }
  // One core stays free for the page. tfjs's threads wait by spinning: with as many of them as cores, on two
  // busy cores, a distillation step took four times as long as on one thread.
  const threads = host.isolated ? Math.min(mostThreads, Math.max(1, host.cores - 1)) : 1;
  // With one thread the single-threaded binary: the other one spawns its whole pool all the same.
  if (threads === 1) env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  else host.claimCores(2 * threads);
  setThreadsCount(threads);
  setWasmPaths({ ...host.wasmFiles });
  mendWasmMatmul(threads);
  mendWasmIdentity();
  if (!(await setBackend('wasm')))
    throw new StudioError('device', 'The WebAssembly backend did not start.', { retryable: true });
  guardWasmMemory(backend() as BackendWasm);
  started = true;
  return threadsInUse();
}

function threadsInUse(): number {
  return env().getBool('WASM_HAS_MULTITHREAD_SUPPORT') ? getThreadsCount() : 1;
}
