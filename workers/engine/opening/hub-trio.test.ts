/**
 * The engine on repositories of a local Hub: what a pairing report and one spectrum cost, and a whole session
 * with faults on the way.
 */
import type { Role } from '../../../core/family/trio.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenEvent, Progress } from '../../../protocol/events.ts';
import type { HubSource, TrioSource } from '../../../protocol/session.ts';
import { folderRepo } from '../../../test/hub-repo.ts';
import { startHub, type HubServer } from '../../../test/hub-server.ts';
import { sparseTrio } from '../../../test/sparse-trio.ts';
import type { ByteCache } from '../../io/contract.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { createHub } from '../../io/hub/hub.ts';
import { memoryCache } from '../../io/cache/memory-cache.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { createEngine } from '../create-engine.ts';

const demo = 'public/models/demo';
let hub: HubServer;

beforeAll(async () => {
  const ours = { base: 'b', vlm: 'e', lrm: 'a' };
  const demos = Object.entries(ours).map(
    ([role, digit]) => [`demo/${role}`, folderRepo(`${demo}/${role}`, digit.repeat(40))] as const,
  );
  hub = await startHub({ ...sparseTrio(), ...Object.fromEntries(demos) });
});
afterAll(() => hub.close());

function makeEngine(store: ByteCache = memoryCache()) {
  hub.requests.length = 0;
  return createEngine({
    startBackend: () => Promise.reject(new Error('no device is needed here')),
    openManifest: () => ({ folder: nodeDirectory(demo), file: 'manifest.json' }),
    openOutput: () => Promise.reject(new Error('nothing is exported here')),
    openHub: createHub({ store, backoff: { firstMs: 1 } }),
    cache: memoryFactorCache(),
  });
}
const repo = (name: string, part: Partial<HubSource> = {}): HubSource => ({
  kind: 'hub',
  repo: name,
  revision: 'main',
  endpoint: hub.endpoint,
  ...part,
});
const parts = (name: (role: Role) => string): Extract<TrioSource, { kind: 'parts' }> => ({
  kind: 'parts',
  base: repo(name('base')),
  vlm: repo(name('vlm')),
  lrm: repo(name('lrm')),
});
const sent = () => hub.requests.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
const nothing = () => undefined;

test('a pairing report of three models of 2 GB costs at most 64 requests and 2 MB; one spectrum little more', async () => {
  const engine = makeEngine();
  const source = parts((role) => `org/${role}-2gb`);
  const preview = await engine.inspect('i', source, nothing);
  expect(preview.pairing.matched).toBe(140);
  expect(Object.values(preview.models).every(({ sizeBytes }) => sizeBytes > 1.9e9)).toBe(true);
  expect(preview.models.base.label).toBe('org/base-2gb@bbbbbbb');
  expect(hub.requests.length).toBeLessThanOrEqual(64);
  expect(sent()).toBeLessThanOrEqual(2e6);

  const reports: Progress[] = [];
  const index = preview.slots.findIndex(({ id }) => id === 'layers.7.self_attn.k_proj');
  const bytes = sent();
  const spectrum = await engine.layerSpectrum('s', source, index, (progress) => reports.push(progress));
  expect(spectrum).toMatchObject({ slot: index, cached: false });
  expect(spectrum.singularValues).toHaveLength(256);
  expect(spectrum.measures.frobenius).toBeGreaterThan(1);
  // A matrix of 0.8 MB lies in two blocks of 8 MiB at most, in base and in LRM.
  expect(sent() - bytes).toBeLessThanOrEqual(4 * 8 * 2 ** 20 + 10_000);
  expect(reports.at(-1)?.download).toMatchObject({ neededBytes: 2 * 2 * 256 * 1536, waiting: null });
});

test('opens with cut connections and pauses on the way, tells what was downloaded, and downloads nothing twice', async () => {
  const store = memoryCache();
  const engine = makeEngine(store);
  const source = parts((role) => `demo/${role}`);
  const weights = ({ path, server }: { path: string | null; server: string }) =>
    path === 'model.safetensors' && server === 'storage';
  hub.faults.push({
    when: (request) => weights(request) && (request.range?.[0] ?? 0) > 0,
    then: { cutAfterBytes: 300_000 },
    times: 2,
  });
  hub.faults.push({
    when: ({ path }) => path === 'config.json',
    then: { status: 429, headers: { 'retry-after': '1' } },
    times: 1,
  });
  const events: OpenEvent[] = [];
  const session = await engine.open('o', source, (event) => events.push(event));
  expect(hub.faults.every(({ times }) => times === 0)).toBe(true);
  expect(session.label).toBe('demo/vlm@eeeeeee + demo/lrm@aaaaaaa');
  expect(session.slots).toHaveLength(28);
  expect(events.filter(({ type }) => type === 'spectrum')).toHaveLength(28);
  const downloads = events.flatMap((event) =>
    event.type === 'progress' && event.progress.download ? [event.progress.download] : [],
  );
  expect(
    downloads.some(
      ({ waiting }) => waiting === 'The Hub limits how often it is asked. The download goes on in 1 s',
    ),
  ).toBe(true);
  const sizes = ['base', 'lrm'].map(
    (role) => hub.repos[`demo/${role}`]!.files['model.safetensors']!.sizeBytes,
  );
  expect(downloads.at(-1)!.receivedBytes).toBeGreaterThan(sizes[0]! + sizes[1]!);
  // Not a byte of the weights of base and LRM came twice.
  for (const [i, role] of ['base', 'lrm'].entries()) {
    const ofWeights = hub.requests.filter((request) => weights(request) && request.repo === `demo/${role}`);
    expect(ofWeights.reduce((sum, { sentBytes }) => sum + sentBytes, 0)).toBe(sizes[i]);
  }

  // As after a reload: another engine, nothing in memory, the same store.
  const again = makeEngine(store);
  const reopened = await again.open('o', source, nothing);
  expect(reopened.slots).toEqual(session.slots);
  expect(hub.requests.map(({ path }) => path)).toEqual([null, null, null]);

  // One bit of each entry is another one: nothing of it is used, all of it is fetched again, and it is said.
  const damaged: ByteCache = {
    ...store,
    async get(key) {
      const stored = await store.get(key);
      return stored?.with(stored.length >> 1, (stored[stored.length >> 1] ?? 0) ^ 4) ?? null;
    },
  };
  const told: OpenEvent[] = [];
  const mended = await makeEngine(damaged).open('o', source, (event) => told.push(event));
  expect(mended.slots).toEqual(session.slots);
  expect(mended.gates).toEqual(session.gates);
  expect(
    told.some((event) => event.type === 'progress' && (event.progress.download?.damagedBytes ?? 0) > 1e6),
  ).toBe(true);
});

test('a fault is told of the model it concerns; folders and repositories mix', async () => {
  const engine = makeEngine();
  const source = parts((role) => `demo/${role}`);
  await expect(engine.inspect('i', { ...source, lrm: repo('demo/none') }, nothing)).rejects.toMatchObject({
    code: 'missing',
    details: { role: 'lrm' },
  });
  await expect(
    engine.inspect('i', { ...source, vlm: repo('demo/vlm', { revision: 'v0' }) }, nothing),
  ).rejects.toMatchObject({ details: { role: 'vlm' }, message: expect.stringContaining('v0') });
  const files = await Promise.all(
    ['config.json', 'model.safetensors'].map(async (path) => {
      const stored = (await nodeDirectory(`${demo}/base`).open(path))!;
      return { path, file: new Blob([await stored.read(0, stored.sizeBytes)]) };
    }),
  );
  const mixed = await engine.inspect('m', { ...source, base: { label: 'my base', files } }, nothing);
  expect(mixed.models).toMatchObject({ base: { label: 'my base' }, lrm: { label: 'demo/lrm@aaaaaaa' } });
  expect(mixed.pairing.matched).toBe(28);
  // A fault of later reading too.
  hub.faults.push({
    when: ({ repo: of, path, range }) =>
      of === 'demo/lrm' && path === 'model.safetensors' && (range?.[0] ?? 0) > 0,
    then: { status: 500 },
  });
  await expect(engine.open('o', source, nothing)).rejects.toMatchObject({
    code: 'network',
    details: { role: 'lrm' },
  });
  hub.faults.length = 0;
});
