/**
 * Commands on repositories of a local Hub: the same answers as on folders, headers alone where headers are
 * enough, nothing fetched twice.
 */
import { roles } from '../core/family/trio.ts';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { folderRepo } from '../test/hub-repo.ts';
import { startHub, type HubServer } from '../test/hub-server.ts';
import { hubSource } from './hub.ts';
import { main } from './main.ts';

const demo = 'public/models/demo';
const digits = { base: 'b', vlm: 'e', lrm: 'a' };
const scratch = mkdtempSync(join(tmpdir(), 'frism-hub-'));
let hub: HubServer;

beforeAll(async () => {
  hub = await startHub(
    Object.fromEntries(
      roles.map((role) => [`demo/${role}`, folderRepo(`${demo}/${role}`, digits[role].repeat(40))]),
    ),
  );
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
  vi.stubEnv('FRISM_CACHE', scratch);
  vi.stubEnv('HF_TOKEN', '');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  rmSync(scratch, { recursive: true });
});
beforeEach(() => void hub.requests.splice(0));

async function frism(...words: string[]) {
  let stdout = '';
  let stderr = '';
  const code = await main(
    [...words, '--json'],
    { stdout: (text) => (stdout += text), stderr: (text) => (stderr += text), live: false },
    new AbortController().signal,
  );
  return { code, stderr, json: JSON.parse(stdout) as Record<string, unknown> };
}
const onHub = roles.flatMap((role) => [`--${role}`, `hub:demo/${role}`]);
const onDisk = roles.flatMap((role) => [`--${role}`, `${demo}/${role}`]);
const weightBytes = () =>
  hub.requests.reduce(
    (sum, { path, sentBytes }) => sum + (path?.endsWith('.safetensors') ? sentBytes : 0),
    0,
  );

test('names are read as the Hub has them', () => {
  expect(hubSource('hub:owner/name')).toMatchObject({
    repo: 'owner/name',
    revision: 'main',
    endpoint: hub.endpoint,
  });
  expect(hubSource('hub:owner/name@refs/pr/1')).toMatchObject({ repo: 'owner/name', revision: 'refs/pr/1' });
  expect(hubSource('hub:https://huggingface.co/owner/name/tree/v2')).toMatchObject({
    repo: 'owner/name',
    revision: 'v2',
  });
  for (const wrong of ['hub:', 'hub:../x', 'hub:a/b/c'])
    expect(() => hubSource(wrong), wrong).toThrow(/repository/);
});

test('inspect and pair read headers alone, and say what they say of folders', async () => {
  const [remote, local] = [await frism('inspect', 'hub:demo/vlm'), await frism('inspect', `${demo}/vlm`)];
  expect(remote.code).toBe(0);
  expect(remote.json).toEqual(local.json);
  const report = await frism('pair', ...onHub);
  expect(report.json).toMatchObject({ matched: 28 });
  // Pages of 64 KiB of three files.
  expect(weightBytes()).toBeLessThanOrEqual(3 * 2 ** 16);
});

/** Everything after the header of a safetensors file. */
function tensorBytes(path: string): Buffer {
  const bytes = readFileSync(path);
  return bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)));
}

test('spectra and a merge are those of the folders, and what was fetched is not fetched again', async () => {
  const tensor = ['--tensor', 'layers.0.mlp.up_proj'];
  const spectrum = await frism(
    'spectra',
    '--base',
    'hub:demo/base',
    '--tuned',
    'hub:demo/lrm@main',
    ...tensor,
  );
  expect(spectrum.json).toEqual(
    (await frism('spectra', '--base', `${demo}/base`, '--tuned', `${demo}/lrm`, ...tensor)).json,
  );
  const out = (name: string) => join(scratch, name);
  const merge = (trio: readonly string[], name: string) =>
    frism('merge', ...trio, '--set', 'lambda=0.5', '--out', out(name));
  expect([(await merge(onHub, 'remote')).code, (await merge(onDisk, 'local')).code]).toEqual([0, 0]);
  for (const file of ['config.json', 'tokenizer.json'])
    expect(readFileSync(join(out('remote'), file)).equals(readFileSync(join(out('local'), file))), file).toBe(
      true,
    );
  // Their headers say where the models came from.
  const [remote, local] = ['remote', 'local'].map((name) =>
    tensorBytes(join(out(name), 'model.safetensors')),
  );
  expect(remote?.length).toBeGreaterThan(1e6);
  expect(remote?.equals(local as Buffer)).toBe(true);
  hub.requests.splice(0);
  expect((await merge(onHub, 'again')).code).toBe(0);
  expect(weightBytes()).toBe(0);
});

test('a download that was damaged on the disk is fetched again, and said', async () => {
  const kept = join(scratch, 'hub');
  const files = readdirSync(kept).filter((name) => name !== 'recency.json');
  expect(files.length).toBeGreaterThan(3);
  for (const name of files) {
    const stored = readFileSync(join(kept, name));
    stored[stored.length >> 1]! ^= 16;
    writeFileSync(join(kept, name), stored);
  }
  const merge = await frism('merge', ...onHub, '--set', 'lambda=0.5', '--out', join(scratch, 'mended'));
  expect(merge.code).toBe(0);
  expect(
    merge.stderr.split('\n').filter((line) => line.includes('have changed on this machine')),
  ).toHaveLength(1);
  const [mended, local] = ['mended', 'local'].map((name) =>
    tensorBytes(join(scratch, name, 'model.safetensors')),
  );
  expect(mended?.equals(local as Buffer)).toBe(true);

  for (const name of readdirSync(kept))
    writeFileSync(join(kept, name), readFileSync(join(kept, name)).subarray(0, 40));
  const inspect = await frism('inspect', 'hub:demo/vlm');
  expect([inspect.code, inspect.stderr]).toEqual([
    0,
    expect.stringContaining('have changed on this machine'),
  ]);
});

test('commands that compute take repositories too', async () => {
  const { code, json } = await frism(
    'export',
    ...onHub,
    '--out',
    join(scratch, 'adapter'),
    '--format',
    'adapter',
    '--rank',
    '2',
  );
  expect([code, json]).toMatchObject([0, { changed: 28 }]);
});

test.each([
  ['lrm-equals-base', { lrm: 'base' }, ['export', '--out', join(scratch, 'same')]],
  ['vlm-from-lrm', { base: 'lrm', lrm: 'base' }, ['export', '--out', join(scratch, 'exchanged')]],
  ['lrm-equals-vlm', { lrm: 'vlm' }, ['merge', '--out', join(scratch, 'equal')]],
])('%s, which only weights tell, stops a command before it decomposes', async (code, given, words) => {
  const trio = roles.flatMap((role) => [
    `--${role}`,
    `hub:demo/${(given as Readonly<Record<string, string>>)[role] ?? role}`,
  ]);
  const stopped = await frism(...words, ...trio);
  expect([stopped.code, stopped.json]).toMatchObject([
    1,
    { error: { findings: expect.arrayContaining([code]) as unknown } },
  ]);
  expect(stopped.stderr).not.toContain('Decomposing');
});

test('a token comes from HF_TOKEN and goes to the Hub, not to its storage; without one the remedy is said', async () => {
  hub.repos['demo/gated'] = { ...folderRepo(`${demo}/base`, 'd'.repeat(40)), access: 'gated' };
  hub.tokens.add('hf_reader');
  hub.admitted.add('hf_reader');
  const refused = await frism('inspect', 'hub:demo/gated');
  expect([refused.code, refused.json]).toMatchObject([
    1,
    { error: { message: expect.stringContaining('token') as string } },
  ]);
  vi.stubEnv('HF_TOKEN', 'hf_reader');
  hub.requests.splice(0);
  expect((await frism('inspect', 'hub:demo/gated')).code).toBe(0);
  expect(
    hub.requests.some(
      ({ server, authorization }) => server === 'hub' && authorization === 'Bearer hf_reader',
    ),
  ).toBe(true);
  expect(
    hub.requests.filter(({ server, authorization }) => server === 'storage' && authorization !== null),
  ).toEqual([]);
  expect((await frism('inspect', 'hub:demo/none')).json).toMatchObject({ error: { code: 'missing' } });
});
