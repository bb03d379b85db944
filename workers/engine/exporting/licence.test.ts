import { expect, test } from 'vitest';
import { memoryFolder } from '../../io/folders/memory-folder.ts';
import { licenceOf, readLicence } from './licence.ts';

const signal = new AbortController().signal;
const bytes = (text: string) => new TextEncoder().encode(text);

test.each([
  ['---\nlicense: apache-2.0\ntags:\n- x\n---\n# Model', 'apache-2.0'],
  ['---\r\ntags: [a]\r\nlicense: "mit" \r\n---\r\n', 'mit'],
  ['---\nlicense: other\nlicense_name: qwen-research\n---\n', 'qwen-research'],
  ['---\nlicense: other\n---\n', 'other'],
  ['---\nlicense:\n- mit\n---\n', null],
  ['---\nlicense: | x](http://evil) `\n---\n', null],
  ['# A card without front matter\n\nlicense: mit\n', null],
  ['text\n---\nlicense: mit\n---\n', null],
  ['---\nlicense: mit\nnever closed', null],
  ['', null],
])('front matter %j says %j', (card, expected) => expect(licenceOf(card)).toBe(expected));

test.each<[string, string, string | null]>([
  ['spaces within', `---\nlicense: a${' '.repeat(65_000)}b\n---\n`, null],
  ['spaces at the end', `---\nlicense: a${' '.repeat(65_000)}\n---\n`, 'a'],
  ['tabs around a quote', `---\nlicense:${'\t'.repeat(30_000)}'${'\t'.repeat(30_000)}\n---\n`, null],
  ['empty lines', `---${'\r\n'.repeat(30_000)}--`, null],
])('a card of one long line is read once: %s', (_, card, expected) => expect(licenceOf(card)).toBe(expected));

test('a folder says it by its card, by a file, by both or not at all', async () => {
  expect(
    await readLicence(
      memoryFolder('a', { 'README.md': bytes('---\nlicense: mit\n---\n'), 'LICENSE.txt': bytes('MIT') }),
      signal,
    ),
  ).toEqual({ name: 'mit', file: 'LICENSE.txt' });
  expect(await readLicence(memoryFolder('b', { 'config.json': bytes('{}') }), signal)).toEqual({
    name: null,
    file: null,
  });
  for (const file of ['LICENCE', 'Licence.rst', 'license-model.txt', 'COPYING', 'NOTICE.md', 'model.license'])
    expect(await readLicence(memoryFolder('a', { [file]: 'x', 'vocab.txt': 'y' }), signal)).toEqual({
      name: null,
      file,
    });
  const broken = { label: 'c', open: () => Promise.reject(new Error('no network')) };
  expect(await readLicence(broken, signal)).toEqual({ name: null, file: null });
});
