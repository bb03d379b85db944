/** For tests of the Hub: one on this machine with a repository, faults to order, and a note of what was waited for. */
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { HubSource } from '../../../../protocol/session.ts';
import { plainFile, sparseFile } from '../../../../test/hub-repo.ts';
import { startHub, type Fault, type HubServer } from '../../../../test/hub-server.ts';
import type { ModelFolder } from '../../contract.ts';
import { memoryCache } from '../../cache/memory-cache.ts';
import { createHub, type HubOptions } from '../hub.ts';

export const mebi = 2 ** 20;
export const page = 2 ** 16;
const commit = 'c0ffee'.padEnd(40, '0');
export const weights = sparseFile(new Uint8Array(100_000).fill(1), 100 * mebi + 12_345);
export const config = JSON.stringify({ model_type: 'llama', note: 'x'.repeat(3000) });

export let hub: HubServer;
beforeAll(async () => {
  hub = await startHub({});
});
afterAll(() => hub.close());

beforeEach(() => {
  for (const id of Object.keys(hub.repos)) delete hub.repos[id];
  hub.repos['org/model'] = {
    commit,
    revisions: ['main', 'refs/pr/1'],
    files: { 'config.json': plainFile(config), 'model.safetensors': weights, 'sub/empty.txt': plainFile('') },
  };
  hub.tokens.clear();
  hub.admitted.clear();
  hub.requests.length = 0;
});
afterEach(() => void hub.faults.splice(0));

export const waits: (string | null)[] = [];
/** Called with each of them. */
let onWait: (reason: string | null) => void = () => undefined;
export const counted = { received: 0, kept: 0, damaged: 0 };
export interface Asked extends Partial<HubOptions>, Partial<Omit<HubSource, 'kind'>> {
  readonly signal?: AbortSignal;
}
/** The folder, asked of a hub that has seen nothing yet unless `store` says otherwise. */
export async function open({
  store = memoryCache(),
  fetch: get,
  backoff,
  signal,
  ...source
}: Asked = {}): Promise<ModelFolder> {
  waits.length = 0;
  onWait = () => undefined;
  Object.assign(counted, { received: 0, kept: 0, damaged: 0 });
  const openHub = createHub({ store, backoff: { firstMs: 1, ...backoff }, ...(get && { fetch: get }) });
  return openHub(
    { kind: 'hub', repo: 'org/model', revision: 'main', endpoint: hub.endpoint, ...source },
    signal,
    {
      received: (bytes) => (counted.received += bytes),
      kept: (bytes) => (counted.kept += bytes),
      damaged: (bytes) => (counted.damaged += bytes),
      waiting: (reason) => {
        waits.push(reason);
        onWait(reason);
      },
    },
  );
}
export async function file(path: string, asked?: Asked) {
  const source = await (await open(asked)).open(path);
  if (!source) throw new Error(`${path} was not found`);
  return source;
}
export const fault = (
  then: Fault['then'],
  times?: number,
  when: Fault['when'] = ({ path, method }) => path === 'model.safetensors' && method === 'GET',
) => hub.faults.push({ when, then, ...(times !== undefined && { times }) });
export const ofStorage = () => hub.requests.filter(({ server }) => server === 'storage');
export const onStorage: Fault['when'] = ({ server }) => server === 'storage';
export const expectBytes = (found: Uint8Array | undefined, begin: number, end: number) =>
  expect(Buffer.from(found ?? []).equals(Buffer.from(weights.read(begin, end)))).toBe(true);

/** Called with each wait from now on, until the next folder is opened. */
export function whenWaiting(call: (reason: string | null) => void): void {
  onWait = call;
}
