/** What each kind of folder says that it holds. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { ModelFolder } from '../contract.ts';
import { nodeDirectory } from './directory.node.ts';
import { mostListed } from './listing.ts';
import { memoryFolder } from './memory-folder.ts';
import { pickedFolder } from './picked-folder.ts';
import { urlFolder } from './url-folder.ts';

const scratch: string[] = [];
afterEach(async () => {
  for (const folder of scratch.splice(0)) await rm(folder, { recursive: true });
});
async function directory(...paths: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'frism-listing-'));
  scratch.push(folder);
  for (const path of paths) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), path);
  }
  return folder;
}
const paths = [
  'config.json',
  'LICENSE',
  '.git/config',
  '.gitattributes',
  'additional_chat_templates/rag.jinja',
  'original/deep/er/params.json',
  'node_modules/x/index.js',
];

test.each<[string, () => ModelFolder | Promise<ModelFolder>]>([
  ['a directory', async () => nodeDirectory(await directory(...paths))],
  ['memory', () => memoryFolder('m', Object.fromEntries(paths.map((path) => [path, path])))],
  [
    'picked files',
    () => pickedFolder({ label: 'm', files: paths.map((path) => ({ path, file: new Blob([path]) })) }),
  ],
])(
  '%s lists its files and those of its subfolders, and names what it does not look into',
  async (_, make) => {
    const { files = [], passedOver = [] } = (await (await make()).list?.()) ?? {};
    expect(files).toEqual([
      '.gitattributes',
      'LICENSE',
      'additional_chat_templates/rag.jinja',
      'config.json',
    ]);
    expect(passedOver.map(({ name }) => name).sort()).toEqual(['.git/', 'node_modules/', 'original/deep/']);
  },
);

test('a folder behind a URL cannot say what it holds', () => {
  expect(urlFolder('http://127.0.0.1:9/x').list).toBeUndefined();
});

test('links are followed within the folder, into the cache of the Hub and to a model’s files of the same name', async () => {
  const elsewhere = await directory(
    'secret',
    'tokenizer.json',
    'passwords.txt',
    'key.json',
    'model-00001-of-00002.safetensors',
  );
  const cache = await directory('blobs/abc', 'snapshots/commit/README.md');
  const folder = join(cache, 'snapshots', 'commit');
  const link = (target: string, name: string) => symlink(target, join(folder, name));
  await link('../../blobs/abc', 'config.json');
  await link('README.md', 'card.md');
  await link(join(elsewhere, 'tokenizer.json'), 'tokenizer.json');
  await link(join(elsewhere, 'model-00001-of-00002.safetensors'), 'model-00001-of-00002.safetensors');
  await link(join(elsewhere, 'passwords.txt'), 'passwords.txt');
  await link(join(elsewhere, 'key.json'), 'key.json');
  await link(join(elsewhere, 'secret'), 'LICENSE');
  await link(join(folder, 'none'), 'vocab.json');
  await link(elsewhere, 'more');
  await link('..', 'up');
  const listed = await nodeDirectory(folder).list?.();
  expect(listed?.files).toEqual([
    'README.md',
    'card.md',
    'config.json',
    'model-00001-of-00002.safetensors',
    'tokenizer.json',
  ]);
  expect(listed?.passedOver).toEqual(
    expect.arrayContaining([
      {
        name: 'passwords.txt',
        why: 'a link to a file outside of the folder that is none of a model’s usual ones',
      },
      expect.objectContaining({ name: 'key.json' }),
      { name: 'LICENSE', why: 'a link to a file of another name outside of the folder' },
      { name: 'vocab.json', why: 'a link that leads nowhere' },
      { name: 'more', why: 'a link to a folder' },
      { name: 'up', why: 'a link to a folder' },
    ]),
  );
});

test('a crowded folder is listed so far, and that is said', async () => {
  const many = Object.fromEntries(Array.from({ length: mostListed + 10 }, (_, i) => [`f${i}`, '']));
  const listed = await memoryFolder('m', many).list?.();
  expect(listed?.files.length).toBe(mostListed);
  expect(listed?.passedOver).toEqual([{ name: '…', why: expect.stringContaining('no more were looked at') }]);
});

test('a directory that is not there holds nothing', async () => {
  const { files } = (await nodeDirectory(join(await directory(), 'none')).list?.()) ?? {};
  expect(files).toEqual([]);
});
