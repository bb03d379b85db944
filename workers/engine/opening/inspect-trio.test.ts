/** A look before opening: on folders of the demo trio, in Node, with no device connected. */
import { expect, test } from 'vitest';
import type { Progress } from '../../../protocol/events.ts';
import type { FolderSource, TrioSource } from '../../../protocol/session.ts';
import { nodeDirectory } from '../../io/folders/directory.node.ts';
import { memoryFactorCache } from '../../io/cache/memory-factor-cache.ts';
import { createEngine } from '../create-engine.ts';

const demo = 'public/models/demo';
const engine = createEngine({
  startBackend: () => Promise.reject(new Error('no device is needed here')),
  openManifest: (url) => ({ folder: nodeDirectory(url), file: 'manifest.json' }),
  openOutput: () => Promise.reject(new Error('nothing is exported here')),
  cache: memoryFactorCache(),
});
const nothing = () => undefined;

test('a picked folder with a manifest.json is a trio with its models beside it; without, it says what is missing', async () => {
  const paths = [
    'manifest.json',
    ...['base', 'vlm', 'lrm'].flatMap((role) => [`${role}/config.json`, `${role}/model.safetensors`]),
  ];
  const files = await Promise.all(
    paths.map(async (path) => {
      const stored = await nodeDirectory(demo).open(path);
      return { path, file: new Blob([await stored!.read(0, stored!.sizeBytes)]) };
    }),
  );
  const source = { kind: 'manifest-folder', folder: { label: 'mine', files } } as const;
  const { slots, models } = await engine.inspect('m', source, nothing);
  expect(slots).toHaveLength(28);
  expect(models.vlm.label).toBe('vlm');
  const bare = { kind: 'manifest-folder', folder: { label: 'mine', files: files.slice(1) } } as const;
  await expect(engine.inspect('n', bare, nothing)).rejects.toMatchObject({
    code: 'missing',
    message: expect.stringContaining('mine has no file manifest.json'),
  });
});

/** How much of a folder's files was read. */
async function picked(role: string, counted: { bytes: number }): Promise<FolderSource> {
  const files = ['config.json', 'model.safetensors'].map(async (path) => {
    const source = await nodeDirectory(`${demo}/${role}`).open(path);
    const blob = new Blob([await source!.read(0, source!.sizeBytes)]);
    const counting = (part: Blob): FolderSource['files'][number]['file'] => ({
      size: part.size,
      slice: (begin, end) => counting(part.slice(begin, end)),
      arrayBuffer: async () => {
        counted.bytes += part.size;
        return part.arrayBuffer();
      },
    });
    return { path, file: counting(blob) };
  });
  return { label: role, files: await Promise.all(files) };
}

async function folders(counted = { bytes: 0 }): Promise<Extract<TrioSource, { kind: 'folders' }>> {
  return {
    kind: 'folders',
    base: await picked('base', counted),
    vlm: await picked('vlm', counted),
    lrm: await picked('lrm', counted),
  };
}

test('says what the models are and how they pair, from headers and a small sample', async () => {
  const counted = { bytes: 0 };
  const stages: Progress[] = [];
  const preview = await engine.inspect('i', await folders(counted), (progress) => stages.push(progress));
  expect(preview.slots).toHaveLength(28);
  expect(preview.pairing.matched).toBe(28);
  expect(preview.models.vlm).toMatchObject({ label: 'vlm', dtypes: ['F16'] });
  expect(counted.bytes).toBeLessThan(540_000);
  expect(stages[0]).toMatchObject({ stage: 'Opening models', done: 0, total: 3 });
  // The demo's manifest gives the same.
  const { slots } = await engine.inspect('m', { kind: 'manifest', url: demo }, nothing);
  expect(slots).toEqual(preview.slots);
});

test('the spectrum of one layer costs that layer of base and LRM', async () => {
  const counted = { bytes: 0 };
  const source = await folders(counted);
  const { slots } = await engine.inspect('i', source, nothing);
  const headers = counted.bytes;
  const [rows, columns] = slots[9]!.shape;
  const spectrum = await engine.layerSpectrum('s', source, 9, nothing);
  expect(spectrum).toMatchObject({ slot: 9, cached: false });
  expect(spectrum.singularValues).toHaveLength(slots[9]!.rank);
  expect(counted.bytes).toBe(2 * headers + 2 * 2 * rows * columns);
  await expect(engine.layerSpectrum('s', source, 28, nothing)).rejects.toMatchObject({ code: 'bad-request' });
});

test('a fault names the model it concerns', async () => {
  const source = await folders();
  const broken = {
    ...source,
    lrm: { label: 'lrm', files: source.lrm.files.filter(({ path }) => path !== 'config.json') },
  };
  await expect(engine.inspect('i', broken, nothing)).rejects.toMatchObject({
    code: 'missing',
    details: { role: 'lrm', file: 'config.json' },
  });
  await expect(engine.open('o', broken, nothing)).rejects.toMatchObject({ details: { role: 'lrm' } });
  await expect(
    engine.inspect(
      'h',
      { ...source, kind: 'parts', base: { kind: 'hub', repo: 'a/b', revision: 'main' } },
      nothing,
    ),
  ).rejects.toMatchObject({ code: 'unsupported', details: { role: 'base' } });
});

test('a LoRA adapter stands in for the reasoning model, on the base that it was trained on', async () => {
  const folder = async (name: string, ...paths: string[]): Promise<FolderSource> => {
    const files = paths.map(async (path) => {
      const source = await nodeDirectory(`zoo/reference/adapter/${name}`).open(path);
      return { path, file: new Blob([await source!.read(0, source!.sizeBytes)]) };
    });
    return { label: name, files: await Promise.all(files) };
  };
  const base = await folder('base', 'config.json', 'model.safetensors');
  const source = {
    kind: 'folders',
    base,
    vlm: base,
    lrm: await folder('plain', 'adapter_config.json', 'adapter_model.safetensors'),
  } as const;
  const preview = await engine.inspect('i', source, nothing);
  expect(preview.slots).toHaveLength(14);
  expect(preview.pairing.findings.map(({ code }) => code)).toContain('vlm-equals-base');
  const opened = await engine.open('o', source, nothing);
  expect(opened.models.lrm.label).toBe('plain');
  // As many as its factors have, and no rounding behind them.
  const { singularValues } = await engine.layerSpectrum('s', source, 0, nothing);
  expect([singularValues.length, singularValues[3]! / singularValues[0]! > 1e-2]).toEqual([4, true]);
  await expect(engine.inspect('n', { ...(await folders()), lrm: source.lrm }, nothing)).rejects.toMatchObject(
    { code: 'mismatch', details: { role: 'lrm' } },
  );
});
