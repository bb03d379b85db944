/** The command line as a person starts it: bundled, in a process of its own, with its exit codes. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const cache = mkdtempSync(join(tmpdir(), 'frism-cache-'));
afterAll(() => rmSync(cache, { recursive: true }));
const frism = (...words: string[]) =>
  spawnSync(process.execPath, ['scripts/frism.mjs', ...words], {
    encoding: 'utf8',
    env: { ...process.env, FRISM_CACHE: cache },
  });

test('computes, and says how it ended', () => {
  const done = frism('evaluate', '--manifest', 'public/models/demo', '--limit', '1', '--json');
  expect([done.status, done.stderr.includes('Decomposing')]).toEqual([0, true]);
  expect(JSON.parse(done.stdout)).toMatchObject({ of: 'vlm', perception: { total: 1 } });
  expect(frism('inspect', 'no/such/folder').status).toBe(1);
  const usage = frism('inspect');
  expect([usage.status, usage.stdout]).toEqual([2, '']);
}, 120_000);

describe('files that mean harm are refused in the time of a second and the memory of 200 MB, the program itself included', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'frism-hostile-'));
  afterAll(() => rmSync(scratch, { recursive: true }));
  const MiB = 2 ** 20;

  interface Folder {
    readonly header?: string;
    /** Of the header as the file claims it, when it is another than its own. */
    readonly claimed?: number;
    readonly dataBytes?: number;
    readonly config?: string;
    readonly index?: string;
  }

  function write(name: string, { header, claimed, dataBytes = 0, config = '{}', index }: Folder): string {
    const folder = join(scratch, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'config.json'), config);
    if (index !== undefined) writeFileSync(join(folder, 'model.safetensors.index.json'), index);
    if (header === undefined) return folder;
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(claimed ?? Buffer.byteLength(header)));
    const file = join(folder, 'model.safetensors');
    writeFileSync(file, Buffer.concat([length, Buffer.from(header)]));
    // A hole in the file where its data would be.
    truncateSync(file, 8 + Buffer.byteLength(header) + dataBytes);
    return folder;
  }

  // Linux gives a new process the peak of the one that started it, except in /proc.
  const preload = join(scratch, 'measure.cjs');
  writeFileSync(
    preload,
    `const { readFileSync, writeSync } = require('node:fs');
    const peakKiB = () => { try { return Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]); } catch { return process.resourceUsage().maxRSS; } };
    process.on('exit', () => { const { user, system } = process.cpuUsage(); writeSync(2, JSON.stringify([(user + system) / 1e3, peakKiB() / 1024])); });`,
  );

  const tensor = (dtype: string, shape: readonly number[], begin: number, end: number) =>
    JSON.stringify({ dtype, shape, data_offsets: [begin, end] });
  const crowd = (count: number) =>
    `{${Array.from({ length: count }, (_, i) => `"t${i}":${tensor('U8', [1], i, i + 1)}`).join(',')}}`;
  const many = (count: number, of: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => of(i)).join(',');

  const cases: readonly [string, () => Folder, string, RegExp][] = [
    [
      'a million tensors',
      () => ({ header: crowd(1e6), dataBytes: 1e6 }),
      'unsupported',
      /header of \d+ bytes; this studio reads up to/,
    ],
    [
      'half a million tensors',
      () => ({ header: crowd(480_000), dataBytes: 480_000 }),
      'unsupported',
      /more than 100000 tensors/,
    ],
    [
      'metadata of two million keys',
      () => ({ header: `{"__metadata__":{${many(2e6, (i) => `"k${i}":"v"`)}}}` }),
      'unsupported',
      /more than 100000/,
    ],
    [
      'a shape of sixteen million sizes',
      () => ({
        header: `{"a":{"dtype":"U8","shape":[${'1,'.repeat(16e6)}1],"data_offsets":[0,1]}}`,
        dataBytes: 1,
      }),
      'bad-file',
      /more than \d+ values/,
    ],
    [
      'a header nested sixteen million deep',
      () => ({ header: `{"a":${'['.repeat(16 * MiB)}` }),
      'bad-file',
      /nested too deeply/,
    ],
    [
      'a header of escapes',
      () => ({ header: `{"__metadata__":{"a":"${'\\u4e2d'.repeat(5 * MiB)}"}}` }),
      'missing',
      /no tensors/,
    ],
    [
      'a header that claims 2⁶³ bytes',
      () => ({ header: '{}', claimed: 2 ** 63 }),
      'bad-file',
      /does not look like safetensors/,
    ],
    [
      'a header cut short',
      () => ({ header: tensor('U8', [1], 0, 1).slice(0, 20), claimed: 10_000 }),
      'bad-file',
      /may be incomplete/,
    ],
    [
      'overlapping tensors',
      () => ({ header: `{"a":${tensor('U8', [2], 0, 2)},"b":${tensor('U8', [2], 1, 3)}}`, dataBytes: 3 }),
      'bad-file',
      /overlaps/,
    ],
    [
      'a config nested two million deep',
      () => ({ header: `{"a":${tensor('U8', [1], 0, 1)}}`, dataBytes: 1, config: '['.repeat(2 * MiB) }),
      'bad-file',
      /not valid JSON/,
    ],
    [
      'a config of 60 MB',
      () => ({ header: `{"a":${tensor('U8', [1], 0, 1)}}`, dataBytes: 1, config: ' '.repeat(60e6) }),
      'bad-file',
      /too long/,
    ],
    [
      'an index that leaves the folder',
      () => ({ index: '{"weight_map":{"a":"../../secret.safetensors"}}' }),
      'bad-file',
      /not the name of a .safetensors file/,
    ],
    [
      'an index that names itself',
      () => ({ index: '{"weight_map":{"a":"model.safetensors.index.json"}}' }),
      'bad-file',
      /not the name of a .safetensors file/,
    ],
    [
      'an index that names a tensor twice',
      () => ({ index: '{"weight_map":{"a":"x.safetensors","a":"y.safetensors"}}' }),
      'bad-file',
      /given twice/,
    ],
    [
      'an index of a million tensors',
      () => ({ index: `{"weight_map":{${many(1e6, (i) => `"t${i}":"x.safetensors"`)}}}` }),
      'bad-file',
      /more than 300000 tensors/,
    ],
  ];

  test.each(cases)('%s', (name, folder, code, message) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        '--require',
        preload,
        'scripts/frism.mjs',
        'inspect',
        write(name.replaceAll(/\W+/g, '-'), folder()),
        '--json',
      ],
      { encoding: 'utf8' },
    );
    const { error } = JSON.parse(stdout) as {
      readonly error: { readonly code: string; readonly message: string };
    };
    expect([status, error.code]).toEqual([1, code]);
    expect(error.message).toMatch(message);
    const [cpuMs = NaN, peakMiB = NaN] = JSON.parse(
      stderr.slice(stderr.lastIndexOf('[')),
    ) as readonly number[];
    expect(cpuMs).toBeLessThan(1000);
    expect(peakMiB).toBeLessThan(200);
  });
});
