/** The bench's page: hands calls on to the worker, and draws. */
import * as Comlink from 'comlink';
import type { BenchWindow, WorkerApi } from '../api.ts';

const worker = new Worker(new URL('../worker/bench.worker.ts', import.meta.url), { type: 'module', name: 'bench' });
const bench: BenchWindow['frismBench'] = { worker: Comlink.wrap<WorkerApi>(worker), page: { ready: true } };
Object.assign(window, { frismBench: bench });
