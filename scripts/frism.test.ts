/** The command line as a person starts it: bundled, in a process of its own, with its exit codes. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { hostileFolders, writeHostileFolder } from '../test/hostile-folders.ts';

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
});

test('an output that a full disk takes only a part of is a failure', () => {
  const words = [
    'spectra',
    '--base',
    'public/models/demo/base',
    '--tuned',
    'public/models/demo/lrm',
    '--json',
  ];
  const file = join(cache, 'spectra.json');
  // A file may grow to 4 KiB, as a disk with so much room would let it; the signal that then comes is passed over.
  const limited = `trap '' XFSZ; ulimit -f 4; exec "$@" > "${file}"`;
  const all = [process.execPath, 'scripts/frism.mjs', ...words];
  const done = spawnSync('bash', ['-c', limited, 'bash', ...all], {
    encoding: 'utf8',
    env: { ...process.env, FRISM_CACHE: '' },
  });
  expect(statSync(file).size).toBe(4096);
  expect(done.stderr).toContain('the output could not be written: EFBIG');
  expect(done.status).toBe(1);
});

describe('several that are started at once', () => {
  mkdirSync('dist-cli', { recursive: true });
  // From elsewhere the bundle would not find the packages.
  const into = mkdtempSync(join('dist-cli', 'test-'));
  const start = join(into, 'start.mjs');
  afterAll(() => rmSync(into, { recursive: true }));
  writeFileSync(
    start,
    `import { pathToFileURL } from 'node:url';
    import { buildCliIfStale } from ${JSON.stringify(pathToFileURL('scripts/frism.mjs').href)};
    await import(pathToFileURL(await buildCliIfStale(${JSON.stringify(join(into, 'bundle'))})).href);`,
  );
  const begin = () =>
    promisify(execFile)(process.execPath, [start, 'inspect', 'public/models/demo/base', '--json'], {
      env: { ...process.env, FRISM_CACHE: cache },
    });
  const both = async (): Promise<void> => {
    for (const { stdout } of await Promise.all([begin(), begin()]))
      expect(JSON.parse(stdout)).toMatchObject({ tensors: expect.any(Array) });
    expect(readdirSync(join(into, 'bundle')).filter((name) => name.startsWith('building-'))).toEqual([]);
  };
  const entry = join(into, 'bundle', 'frism.js');

  test('where there is no bundle yet, and where it is older than the sources', async () => {
    await both();
    const { mtimeMs } = statSync(entry);
    utimesSync(entry, 1, 1);
    await both();
    expect(statSync(entry).mtimeMs).toBeGreaterThan(mtimeMs);
  });

  test('parts of an older bundle stay for those that still run it, and go after a day', async () => {
    const [fresh, old] = ['a-fresh.js', 'an-old.js'].map((name) => join(into, 'bundle', name)) as [
      string,
      string,
    ];
    for (const path of [fresh, old]) writeFileSync(path, '');
    utimesSync(old, 1, 1);
    utimesSync(entry, 1, 1);
    await both();
    expect(readdirSync(join(into, 'bundle'))).toContain('a-fresh.js');
    expect(readdirSync(join(into, 'bundle'))).not.toContain('an-old.js');
  });
});

describe('files that mean harm are refused within 128 MiB of JavaScript’s heap, and little of them is read', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'frism-hostile-'));
  afterAll(() => rmSync(scratch, { recursive: true }));
  const heapMiB = 128;
  // Loaded before each thread of the command line: writes at its end how many bytes of files it has read.
  const counting = join(scratch, 'counting.mjs');
  writeFileSync(
    counting,
    `import { open } from 'node:fs/promises';
    import { writeSync } from 'node:fs';
    const handle = await open(process.execPath);
    const prototype = Object.getPrototypeOf(handle);
    await handle.close();
    const { read } = prototype;
    let bytes = 0;
    prototype.read = async function (...asked) {
      const result = await read.apply(this, asked);
      bytes += result.bytesRead;
      return result;
    };
    process.on('exit', () => writeSync(2, '\\nread ' + bytes));`,
  );

  test.each(hostileFolders)('%s', (name, folder, mostBytes, code, message) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        // One that needs more ends with another code, and without a word on stdout.
        `--max-old-space-size=${heapMiB}`,
        '--import',
        pathToFileURL(counting).href,
        'scripts/frism.mjs',
        'inspect',
        writeHostileFolder(scratch, name, folder()),
        '--json',
      ],
      { encoding: 'utf8' },
    );
    expect(status, stderr.slice(-2000)).toBe(1);
    const { error } = JSON.parse(stdout) as {
      readonly error: { readonly code: string; readonly message: string };
    };
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    const counts = [...stderr.matchAll(/\nread (\d+)/g)].map(([, bytes]) => Number(bytes));
    const bytes = counts.reduce((sum, count) => sum + count, 0);
    expect(counts).toHaveLength(2);
    expect(bytes).toBeLessThanOrEqual(mostBytes);
    // The count is one.
    expect(bytes > 0).toBe(mostBytes > 0);
  });
});
