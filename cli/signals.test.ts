/**
 * Signals while a command computes and gives no control away: the process of the built command line, with a thread in
 * it that computes for ever.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleForNode } from '../scripts/bundle.mjs';

mkdirSync('dist-cli', { recursive: true });
const scratch = mkdtempSync(resolve('dist-cli', 'signals-'));
afterAll(() => rmSync(scratch, { recursive: true }));
beforeAll(() => bundleForNode({ frism: resolve('cli/frism.ts') }, scratch));

/** The process, whose thread begins a draft, says that it did, and never gives control away again. */
async function startEndless(name: string, work: string) {
  writeFileSync(
    join(scratch, 'command-thread.js'),
    `import { mkdirSync, writeFileSync } from 'node:fs';
    import { parentPort, workerData } from 'node:worker_threads';
    const { words, drafts } = workerData;
    const [draft] = words;
    drafts.postMessage({ draft, isThere: true });
    mkdirSync(draft);
    writeFileSync(draft + '/half', 'half');
    parentPort.postMessage({ stream: 'stdout', text: 'at work' });
    ${work}`,
  );
  const outputs = join(scratch, name);
  mkdirSync(outputs);
  writeFileSync(join(outputs, 'other'), 'whole');
  const draft = join(outputs, '.out.partial-1-01234567');
  const child = spawn(process.execPath, [join(scratch, 'frism.js'), draft]);
  await new Promise((done) => child.stdout.once('data', done));
  expect(existsSync(join(draft, 'half'))).toBe(true);
  return { child, outputs };
}

test.each([
  ['SIGTERM', 'a loop', 'for (;;);'],
  ['SIGINT', 'an expression', "/^(a+)+$/.test('a'.repeat(99) + 'b');"],
  [
    'SIGHUP',
    'WebAssembly',
    `new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.of(
      0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 8, 1, 0, 10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11)));`,
  ],
] as const)('%s ends %s that never ends, and its drafts alone go with it', async (signal, _, work) => {
  const { child, outputs } = await startEndless(signal, work);
  const ended = new Promise((done) => child.once('exit', (code, by) => done(by ?? code)));
  child.kill(signal);
  expect(await ended).toBe(signal);
  expect(readdirSync(outputs)).toEqual(['other']);
});

test('a reader that goes away ends it likewise', async () => {
  const { child, outputs } = await startEndless(
    'reader',
    "for (;;) parentPort.postMessage({ stream: 'stdout', text: 'more' });",
  );
  const ended = new Promise((done) => child.once('exit', done));
  child.stdout.destroy();
  expect(await ended).toBe(141);
  expect(readdirSync(outputs)).toEqual(['other']);
});
