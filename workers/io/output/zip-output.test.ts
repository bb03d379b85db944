import { unzipSync } from 'fflate';
import { describe, expect, it, test } from 'vitest';
import type { OutputFolder } from '../contract.ts';
import { archiveOutput } from './archive-output.ts';
import { zipOutput } from './zip-output.ts';

const bytes = (length: number, seed: number) => Uint8Array.from({ length }, (_, i) => (i * seed) & 255);

it('an archive that another reader opens, with what was written piece by piece', async () => {
  const output = await archiveOutput('merged');
  const weights = await output.create('model.safetensors');
  const piece = bytes(100_000, 7);
  await weights.write(piece);
  piece.fill(0);
  await weights.write(bytes(5, 3));
  await weights.close();
  const card = await output.create('sub/README.md');
  await card.write(new TextEncoder().encode('grüße'));
  await card.close();
  await output.commit();
  const files = unzipSync(new Uint8Array(await (await output.archive()).arrayBuffer()));
  expect(Object.keys(files)).toEqual(['merged/model.safetensors', 'merged/sub/README.md']);
  expect(files['merged/model.safetensors']).toEqual(Uint8Array.from([...bytes(100_000, 7), ...bytes(5, 3)]));
  expect(new TextDecoder().decode(files['merged/sub/README.md'])).toBe('grüße');
});

it('a sink that fails is heard at a write, also when none is waiting', async () => {
  let taken = 0;
  const sink = new WritableStream<Uint8Array>({
    write(part) {
      taken += part.length;
      if (taken > 1000) throw new Error('disk full');
    },
  });
  const output = zipOutput('merged', sink);
  const file = await output.create('a');
  await expect(async () => {
    for (let i = 0; i < 10; i++) await file.write(bytes(500, i));
  }).rejects.toThrow('disk full');
  await output.discard();
});

describe('what is given up is not finished, and giving up ends', () => {
  const begun = (output: OutputFolder) => output.create('a');
  test.each<[string, (output: OutputFolder) => Promise<unknown>]>([
    ['before the first file', async () => undefined],
    ['in a file of which nothing was written', begun],
    ['half-way in a file', async (output) => (await begun(output)).write(bytes(10, 1))],
    [
      'while a piece waits to be taken',
      async (output) => {
        const file = await begun(output);
        await file.write(bytes(10, 1));
        // Not waited for: the sink takes nothing more.
        for (let i = 0; i < 9; i++) file.write(bytes(10, i)).catch(() => undefined);
      },
    ],
    [
      'between two files',
      async (output) => {
        const file = await begun(output);
        await file.write(bytes(10, 1));
        await file.close();
      },
    ],
    [
      'while the next file waits to be taken',
      async (output) => {
        await (await begun(output)).write(bytes(10, 1));
        output.create('b').catch(() => undefined);
      },
    ],
  ])('%s', async (_, work) => {
    let ended = '';
    const slow = new WritableStream<Uint8Array>({
      close: () => void (ended = 'closed'),
      abort: () => void (ended = 'aborted'),
    });
    const output = zipOutput('merged', slow);
    await work(output);
    expect(await output.discard()).toEqual([]);
    expect(ended).toBe('aborted');
    // Twice is once, and nothing is begun afterwards.
    expect(await output.discard()).toEqual([]);
    await expect(output.create('c')).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('while the sink takes nothing', async () => {
    const output = zipOutput('merged', new WritableStream({ write: () => new Promise(() => undefined) }));
    const file = await output.create('a');
    const writing = expect(
      Promise.all(Array.from({ length: 50 }, (_, i) => file.write(bytes(1000, i)))),
    ).rejects.toMatchObject({ code: 'cancelled' });
    void output.discard();
    await writing;
  });
});

it('refuses a name that leads out of the archive', async () => {
  const output = zipOutput('merged', new WritableStream());
  await expect(output.create('../escape')).rejects.toMatchObject({ code: 'bad-request' });
  await output.discard();
});
