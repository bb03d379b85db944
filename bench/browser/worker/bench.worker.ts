/** The worker that measures, put together from one file a subject. */
import * as Comlink from 'comlink';
import type { WorkerApi } from '../api.ts';
import { ioTasks } from './io.ts';
import { svdTasks } from './svd.ts';

const api: WorkerApi = {
  environment: async () => ({ cores: navigator.hardwareConcurrency, isolated: globalThis.crossOriginIsolated }),
  ...svdTasks(),
  ...ioTasks(),
};
Comlink.expose(api);
