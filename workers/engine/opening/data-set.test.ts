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
const read = (part: object, labelled = true) =>
  readDataSet(
    memoryFolder('trio', { 'd/x.json': JSON.stringify({ ...set, ...part }) }),
    'd/x.json',
    labelled,
    signal,
  );
const item = (part: object) => ({ items: [set.items[0], { ...set.items[0], ...part }] });

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
  ['a metric', { metric: 'bleu' }, /d\/x\.json has the key metric: answers are scored by “scoring” alone/],
  ['a key that is misspelt', { colums: 3 }, /has the key colums: no such key is known/],
  ['weights of items', item({ weight: 2 }), /has the key items\[1\]\.weight: every item counts once/],
  [
    'several answers',
    item({ answers: ['1', 'one'] }),
    /items\[1\]\.answers: an answer is right where it is “answer”/,
  ],
  ['choices', item({ choices: ['1', '2'] }), /items\[1\]\.choices/],
  ['an image of its own for an item', item({ image: 'y.png' }), /items\[1\]\.image: no such key/],
  [
    'an answer of nothing',
    item({ answer: '' }),
    /items\[1\]\.answer must be an answer with something in it.*, not ""/,
  ],
  [
    'an answer of blanks',
    item({ answer: ' \n' }),
    /items\[1\]\.answer must be an answer with something in it/,
  ],
  [
    'a chain that ends with its “=”',
    { scoring: 'final', ...item({ answer: '3+4= ' }) },
    /items\[1\]\.answer must be an answer with something behind its last “=”/,
  ],
  ['a sheet elsewhere', { sheet: '../x.png' }, /sheet must be a path inside/],
])('refuses %s', async (_, part, message) => {
  await expect(read(part)).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringMatching(message),
  });
});

test('a calibration set may have answers, which a run does not read, and nothing that is not known', async () => {
  expect(await read({ description: 'mine' }, false)).toMatchObject({ items: [{ task: '', answer: '' }] });
  await expect(read(item({ weight: 2 }), false)).rejects.toMatchObject({
    message: expect.stringContaining('items[1].weight: every item is drawn as often as the others'),
  });
  await expect(read({ augment: true }, false)).rejects.toMatchObject({
    message: expect.stringContaining('has the key augment'),
  });
});

test('text prompts have a content and a prompt, and nothing that is not known', async () => {
  const traces = (entry: object) =>
    readTraces(
      memoryFolder('trio', { 't.json': JSON.stringify({ count: 1, items: [entry] }) }),
      't.json',
      signal,
    );
  expect(await traces({ index: 0, content: '3+4', prompt: 'solve' })).toEqual(['3+4solve']);
  await expect(traces({ content: '3', prompt: '', system: 'Think.' })).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringContaining('t.json has the key items[0].system'),
  });
});

test('refuses a set in UTF-16, and says so', async () => {
  const bytes = new Uint8Array(Buffer.from(JSON.stringify(set), 'utf16le'));
  await expect(
    readDataSet(memoryFolder('trio', { 'x.json': bytes }), 'x.json', true, signal),
  ).rejects.toMatchObject({ code: 'bad-file', message: expect.stringContaining('it is UTF-16') });
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

test('an object on each line is named as what it is', async () => {
  const lines = [1, 2].map((i) => JSON.stringify({ ...set.items[0], index: i })).join('\n');
  await expect(
    readDataSet(memoryFolder('trio', { 'x.json': lines }), 'x.json', true, signal),
  ).rejects.toThrow(/x\.json is JSON Lines, an object on each line, and a data set is one object/);
});
