/** Everything of the VLM's folder but weights is copied, or named with the reason. */
import { expect, test } from 'vitest';
import { encodeFloat32 } from '../../../core/safetensors/encode.ts';
import { buildSafetensors } from '../../../core/safetensors/write.ts';
import { openCheckpoint } from '../../io/checkpoints/checkpoint.ts';
import type { ModelFolder } from '../../io/contract.ts';
import { memoryFolder } from '../../io/folders/memory-folder.ts';
import { memoryOutput } from '../../io/output/memory-output.ts';
import { filesSection } from './card-parts.ts';
import { copyCarriedFiles, findCarriedFiles } from './export-files.ts';

const signal = new AbortController().signal;
const weights = buildSafetensors(
  [{ name: 'a', dtype: 'F32', shape: [1], bytes: encodeFloat32('F32', Float32Array.of(1)) }],
  new Map(),
);
const config = JSON.stringify({
  auto_map: {
    AutoConfig: 'configuration_x.XConfig',
    AutoModel: ['modeling_x.X', null],
    AutoVideo: 'a/b--video.V',
  },
});
const needed = {
  'config.json': config,
  'tokenizer.json': '{}',
  'video_preprocessor_config.json': '{}',
  'configuration_x.py': '#',
  'modeling_x.py': '#',
  'additional_chat_templates/rag.jinja': 'x',
  'tekken.json': '{}',
  'tokenizer.model': 'x',
  'merges.txt': '',
  LICENCE: 'x',
  'NOTICE.txt': 'x',
};
const rest = {
  'README.md': '# card',
  'pytorch_model.bin': 'x',
  'model.fp16.safetensors': weights,
  'cat.png': 'x',
  'onnx/config.json': '{}',
  '.git/HEAD': 'x',
  '.gitattributes': 'x',
};
const made = (files: Record<string, Uint8Array | string>): ModelFolder =>
  memoryFolder('vlm', { 'model.safetensors': weights, ...files });

async function carried(folder: ModelFolder, only: 'all' | 'licences' = 'all') {
  const found = await findCarriedFiles(folder, await openCheckpoint(folder), only, signal);
  const output = memoryOutput('out', 2 ** 20);
  const names = await copyCarriedFiles(found, output, signal);
  return { ...found, names, output };
}

test('what loading or sharing takes is copied byte for byte; the rest is named with the reason', async () => {
  const { names, output, leftOut } = await carried(made({ ...needed, ...rest }));
  // A folder cut short has no config.json.
  expect([names.at(-1), output.files.at(-1)?.path]).toEqual(['config.json', 'config.json']);
  expect(names.sort()).toEqual(Object.keys(needed).sort());
  for (const { path, bytes } of output.files)
    expect(new TextDecoder().decode(bytes), path).toBe(needed[path as keyof typeof needed]);
  expect(leftOut.map(({ name }) => name).sort()).toEqual(
    ['.git/', '.gitattributes', ...Object.keys(rest).filter((name) => !name.startsWith('.'))].sort(),
  );
});

test('beside an adapter only licences are copied', async () => {
  const { names, leftOut } = await carried(made({ ...needed, ...rest }), 'licences');
  expect(names.sort()).toEqual(['LICENCE', 'NOTICE.txt']);
  expect(leftOut).toEqual([]);
});

test('a folder that cannot be listed is asked for usual names and for the code that its configuration names', async () => {
  const { label, open } = made({ ...needed, ...rest });
  const { names, isListed, leftOut } = await carried({ label, open });
  expect(isListed).toBe(false);
  expect(names).toEqual(
    expect.arrayContaining(['config.json', 'tokenizer.json', 'modeling_x.py', 'configuration_x.py']),
  );
  expect(filesSection({ copied: [], leftOut, isListed })).toContain('others may be missing');
});

test('code that the configuration names and the folder lacks is named', async () => {
  const { leftOut } = await carried(made({ 'config.json': config, 'modeling_x.py': '#' }));
  expect(leftOut).toEqual([{ name: 'configuration_x.py', why: expect.stringContaining('auto_map') }]);
});

test('a file that is too large, has an odd name, or differs from another in capitals alone is named', async () => {
  const big = { name: 'vlm/big.json', sizeBytes: 2 ** 30, read: async () => new Uint8Array() };
  const folder = made({
    'config.json': '{}',
    'Vocab.json': '1',
    'vocab.json': '2',
    'a\u202eb.json': '',
    'big.json': '',
  });
  const { names, leftOut } = await carried({
    ...folder,
    open: async (path, both) => (path === 'big.json' ? big : folder.open(path, both)),
  });
  expect(names).toEqual(['Vocab.json', 'config.json']);
  expect(leftOut.map(({ name }) => name)).toEqual(['a\u202eb.json', 'big.json', 'vocab.json']);
});

test('the card names what was left out, and says nothing where nothing was', () => {
  expect(filesSection({ copied: [], leftOut: [], isListed: true })).toBe('');
  const leftOut = Array.from({ length: 60 }, (_, i) => ({ name: `f|${i}`, why: 'no' }));
  const section = filesSection({ copied: [], leftOut, isListed: true });
  expect(section).toContain('| `f\\u007c0` | no |');
  expect(section).toContain('10 more were left out');
});
