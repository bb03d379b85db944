import { expect, test } from 'vitest';
import type { FolderSource } from '../../../protocol/session.ts';
import { modelFolders, placeFolders } from './place.ts';

const text = '{"model_type": "llama"}';
const seeing = '{"vision_config": {}}';
const file = (path: string, content = '') => ({ path, file: new Blob([content]) });
const model = (label: string, config = text): FolderSource => ({
  label,
  files: [file('config.json', config), file('model.safetensors')],
});
const under = (label: string, folders: readonly FolderSource[]): FolderSource => ({
  label,
  files: folders.flatMap((folder) =>
    folder.files.map((each) => ({ ...each, path: `${folder.label}/${each.path}` })),
  ),
});
const labels = (placing: Awaited<ReturnType<typeof placeFolders>>) =>
  placing.kind === 'placed'
    ? Object.fromEntries(Object.entries(placing.parts).map(([role, folder]) => [role, folder.label]))
    : placing;

test('three folders find their places by what they can and what they are called, one by one or in a parent', async () => {
  const three = [model('Qwen2.5-Math-R1'), model('Qwen2.5-VL', seeing), model('Qwen2.5-Base')];
  const placed = { base: 'Qwen2.5-Base', vlm: 'Qwen2.5-VL', lrm: 'Qwen2.5-Math-R1' };
  expect(labels(await placeFolders(three))).toEqual(placed);
  const parent = await placeFolders([under('models', three)]);
  expect(labels(parent)).toEqual(placed);
  expect(parent).toMatchObject({ note: expect.stringContaining('guessed by their names') });
  expect(parent.kind === 'placed' && parent.parts.vlm?.files.map(({ path }) => path)).toEqual([
    'config.json',
    'model.safetensors',
  ]);
});

test('an adapter is the LRM’s, so nothing is guessed; names that do not tell are said not to', async () => {
  const adapter = { label: 'tuned', files: [file('adapter_config.json'), file('adapter_model.safetensors')] };
  const sure = await placeFolders([adapter, model('a'), model('v', seeing)]);
  expect(labels(sure)).toEqual({ base: 'a', vlm: 'v', lrm: 'tuned' });
  expect(sure).toMatchObject({ note: '“a” as base, “v” as VLM, “tuned” as LRM.' });
  const unsure = await placeFolders([model('a'), model('b'), model('v', seeing)]);
  expect(labels(unsure)).toEqual({ base: 'a', vlm: 'v', lrm: 'b' });
  expect(unsure).toMatchObject({ note: expect.stringContaining('do not tell which') });
});

test('fewer than three are placed as far as they go, and what is left is named', async () => {
  expect(await placeFolders([model('v', seeing)])).toMatchObject({
    parts: { vlm: { label: 'v' } },
    note: '“v” as VLM. Still to be chosen: base, LRM.',
  });
  expect(labels(await placeFolders([model('DeepSeek-R1')]))).toEqual({ lrm: 'DeepSeek-R1' });
  expect(labels(await placeFolders([model('Llama')]))).toEqual({ base: 'Llama' });
});

test('no model, too many, and two that see are told what was found', async () => {
  expect(await placeFolders([{ label: 'holiday', files: [file('a.jpg')] }])).toMatchObject({
    kind: 'none',
    reason: expect.stringMatching(/no model in “holiday”/),
  });
  expect(await placeFolders(['a', 'b', 'c', 'd'].map((name) => model(name)))).toMatchObject({
    kind: 'none',
    reason: expect.stringMatching(/4 models .*“a”, “b”, “c”, “d”/),
  });
  expect(await placeFolders([model('v', seeing), model('w', seeing)])).toMatchObject({
    kind: 'none',
    reason: expect.stringMatching(/all vision-language models/),
  });
});

test('a manifest is found in the folder or in the one below, and only where it names three models', async () => {
  const manifest = file('manifest.json', '{"models": {"base": "b", "vlm": "v", "lrm": "l"}}');
  const trio = { label: 'demo', files: [manifest, file('b/config.json', text)] };
  expect(await placeFolders([trio])).toMatchObject({ kind: 'manifest', folder: { label: 'demo' } });
  expect(await placeFolders([under('models', [trio])])).toMatchObject({
    kind: 'manifest',
    folder: { label: 'demo', files: [{ path: 'manifest.json' }, { path: 'b/config.json' }] },
  });
  const other = { ...model('app'), files: [...model('app').files, file('manifest.json', '{"name": "app"}')] };
  expect(await placeFolders([other])).toMatchObject({ kind: 'placed' });
});

test('model folders in the Hub’s cache are named by their repositories; a folder in a model is none', () => {
  const cache = under('hub', [
    { ...model('models--org--name/snapshots/0a1b'), label: 'models--org--name/snapshots/0a1b' },
  ]);
  expect(modelFolders(cache).map(({ label }) => label)).toEqual(['org/name']);
  const deep = { label: 'm', files: [...model('m').files, file('onnx/config.json'), file('onnx/a.bin')] };
  expect(modelFolders(deep)).toEqual([deep]);
  const nested = under('p', [deep]);
  expect(modelFolders(nested).map(({ label }) => label)).toEqual(['m']);
});
