/** Data sets are files that anyone may have written. */
import { expect, test } from 'vitest';
import { memoryFolder } from '../../io/folders/memory-folder.ts';
import { readDataSet, readTraces } from './data-set.ts';
import { manifestAt } from './manifest-url.ts';

const signal = new AbortController().signal;
const set = {
  tile: 8,
  columns: 2,
  count: 2,
  sheet: 'x.png',
  scoring: 'exact',
  items: [{ index: 0, prompt: 'read', task: 't', answer: '1' }],
};
const read = (part: object) =>
  readDataSet(
    memoryFolder('trio', { 'd/x.json': JSON.stringify({ ...set, ...part }) }),
    'd/x.json',
    true,
    signal,
  );

test('reads a set', async () => {
  expect(await read({})).toMatchObject({
    images: 2,
    scoring: 'exact',
    items: [{ image: 0, prompt: 'read', task: 't', answer: '1' }],
  });
});

test.each([
  ['no items', { items: [] }, /items must be a list of 1 to/],
  [
    'an image outside',
    { items: [{ ...set.items[0], index: 2 }] },
    /items\[0\]\.index must be a whole number from 0 to 1/,
  ],
  ['an unknown rule', { scoring: 'kind' }, /scoring must be one of exact, final/],
  ['a sheet elsewhere', { sheet: '../x.png' }, /sheet must be a path inside/],
])('refuses %s', async (_, part, message) => {
  await expect(read(part)).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringMatching(message),
  });
});

test('refuses text prompts of which there are none', async () => {
  await expect(
    readTraces(memoryFolder('trio', { 't.json': '{"items":[]}' }), 't.json', signal),
  ).rejects.toMatchObject({ code: 'bad-file' });
});

test('refuses an address that is none, one with a broken escape too', () => {
  for (const url of ['http://', 'http://x/%E0%A4'])
    expect(() => manifestAt(url)).toThrow(expect.objectContaining({ code: 'bad-request' }));
});
