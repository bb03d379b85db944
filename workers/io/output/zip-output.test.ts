import { unzipSync } from 'fflate';
import { expect, it } from 'vitest';
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

it('what is discarded is not finished', async () => {
  const taken: number[] = [];
  let ended = '';
  const output = zipOutput(
    'merged',
    new WritableStream({
      write: (part: Uint8Array) => void taken.push(part.length),
      close: () => void (ended = 'closed'),
      abort: () => void (ended = 'aborted'),
    }),
  );
  const file = await output.create('a');
  await file.write(bytes(10, 1));
  await output.discard();
  expect(ended).toBe('aborted');
  await expect(output.create('../escape')).rejects.toMatchObject({ code: 'bad-request' });
});
