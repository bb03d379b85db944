/** The worker that measures, put together from one file a subject. */
import * as Comlink from 'comlink';
import { findAdapter } from '../../../workers/backend/adapter.ts';
import { browserHost } from '../../../workers/backend/host.browser.ts';
import type { WorkerApi } from '../api.ts';
import { ioTasks } from './io.ts';
import { kernelTasks } from './kernels.ts';
import { studioTasks } from './studio.ts';
import { poolTasks } from './pool.ts';
import { svdTasks } from './svd.ts';

const api: WorkerApi = {
  async environment() {
    const { gpu, cores, isolated } = browserHost();
    const found = await findAdapter(gpu);
    return { gpu: found && !found.software ? found.name : null, cores, isolated };
  },
  ...svdTasks(),
  ...kernelTasks(),
  ...studioTasks(),
  ...ioTasks(),
  ...poolTasks(),
};
Comlink.expose(api);
