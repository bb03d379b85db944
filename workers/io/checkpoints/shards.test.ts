/** Folders whose files do not say the same, or are not those of transformers: read with a word, or refused. */
import { describe, expect, it, test } from 'vitest';
import { encodeFloat32 } from '../../../core/safetensors/encode.ts';
import { buildSafetensors } from '../../../core/safetensors/write.ts';
import type { ModelFolder } from '../contract.ts';
import { memoryFolder } from '../folders/memory-folder.ts';
import { openCheckpoint } from './checkpoint.ts';

type Files = Record<string, Uint8Array | string>;
const file = (...names: string[]) =>
  buildSafetensors(
    names.map((name) => ({
      name,
      dtype: 'F32' as const,
      shape: [1],
      bytes: encodeFloat32('F32', Float32Array.of(name.length)),
    })),
    new Map(),
  );
const config = '{"architectures":["X"],"initializer_range":NaN}';
const index = (map: Record<string, string>) => JSON.stringify({ metadata: {}, weight_map: map });
const [first, second] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];

const open = (files: Files) => openCheckpoint(memoryFolder('m', { 'config.json': config, ...files }));
const opened = async (files: Files) => {
  const { tensors, findings = [] } = await open(files);
  return { tensors: [...tensors.keys()], found: findings.map(({ code, severity }) => `${severity} ${code}`) };
};

describe('an index that does not say what its shards hold', () => {
  const shards = { [first]: file('a', 'b'), [second]: file('c') };

  it.each<[string, Record<string, string>, string[]]>([
    ['says the same', { a: first, b: first, c: second }, []],
    ['does not list a tensor', { a: first, c: second }, ['warning index-unlisted-tensors']],
    [
      'lists a tensor too many',
      { a: first, b: first, c: second, 'mtp.fc.weight': second },
      ['warning index-stale-entries'],
    ],
    ['places a tensor elsewhere', { a: first, b: second, c: second }, ['warning index-moved-tensors']],
  ])('%s: all tensors are read, as in transformers, and it is said', async (_, map, found) => {
    const files = { ...shards, 'model.safetensors.index.json': index(map) };
    expect(await opened(files)).toEqual({ tensors: ['a', 'b', 'c'], found });
  });

  it('names the tensors and the model', async () => {
    const { findings } = await open({
      ...shards,
      'model.safetensors.index.json': index({ a: first, z: second }),
    });
    expect(findings).toEqual([
      expect.objectContaining({
        tensors: ['b', 'c'],
        message: 'm: its index does not list 2 tensors (b, c) that its shards hold.',
      }),
      expect.objectContaining({ tensors: ['z'], message: expect.stringContaining('a tensor (z)') }),
    ]);
  });

  it('a tensor that two shards hold is refused, because readers differ in which of them counts', async () => {
    const files = { [first]: file('a'), [second]: file('a') };
    await expect(
      open({ ...files, 'model.safetensors.index.json': index({ a: first, b: second }) }),
    ).rejects.toThrow(/both hold a/);
  });
});

test('shards without an index are read where they are complete; which are absent is said where not', async () => {
  expect(await opened({ [first]: file('a'), [second]: file('b') })).toEqual({
    tensors: ['a', 'b'],
    found: ['warning index-missing'],
  });
  await expect(open({ [second]: file('b') })).rejects.toMatchObject({
    code: 'missing',
    message: expect.stringMatching(/1 of 2 shards.*model-00001-of-00002.safetensors is not there/),
  });
  await expect(open({ [first]: file('a'), 'model-00001-of-00003.safetensors': file('b') })).rejects.toThrow(
    /shards of several sets/,
  );
});

test('other safetensors files beside the model are named and not read', async () => {
  const files = { 'model.safetensors': file('a'), 'model.fp16.safetensors': file('a') };
  expect(await opened(files)).toEqual({ tensors: ['a'], found: ['info weights-not-read'] });
  expect(await opened({ ...files, 'model.safetensors.index.json': index({ b: first }) })).toEqual({
    tensors: ['a'],
    found: ['info index-beside-single-file', 'info weights-not-read'],
  });
  expect(
    await opened({
      'model.safetensors': file('a'),
      'adapter_config.json': '{}',
      'adapter_model.safetensors': file('b'),
    }),
  ).toEqual({ tensors: ['a'], found: ['warning adapter-beside-weights'] });
});

test('the only safetensors file of a folder is read under any name, unless its tensors are named otherwise', async () => {
  expect(await opened({ 'weights.safetensors': file('model.norm.weight') })).toEqual({
    tensors: ['model.norm.weight'],
    found: ['warning weights-under-another-name'],
  });
  await expect(open({ 'weights.safetensors': file('layers.0.attention.wq.weight') })).rejects.toThrow(
    /Mistral/,
  );
  await expect(open({ 'weights.safetensors': file('x.lora_A.weight') })).rejects.toThrow(/an adapter/);
  await expect(open({ 'a.safetensors': file('a'), 'b.safetensors': file('b') })).rejects.toThrow(
    /2 safetensors files \(a\.safetensors, b\.safetensors\).*Download the index/,
  );
});

describe('weights that are not read are named, with the way out', () => {
  it.each([
    ['adapter_model.safetensors', /a LoRA adapter.*stand in for the reasoning model/],
    ['adapters.safetensors', /mlx_lm\.fuse/],
    ['pytorch_lora_weights.safetensors', /LoRA of diffusers/],
    ['consolidated.safetensors', /Mistral’s own layout.*convert_mistral_weights_to_hf/],
    ['consolidated.00.pth', /Meta’s own layout/],
    ['pytorch_model.bin', /pickled weights.*save_pretrained\(OUT, safe_serialization=True\)/],
    ['pytorch_model-00001-of-00002.bin', /pickled weights/],
    ['model.ckpt', /pickled weights/],
    ['weights.pth', /pickled weights/],
    ['model-Q4_K_M.gguf', /llama\.cpp.*gguf_file=NAME/],
    ['tf_model.h5', /TensorFlow.*from_tf=True/],
    ['flax_model.msgpack', /Flax.*from_flax=True/],
    ['model.onnx', /exported for one runtime/],
    ['weights.npz', /MLX/],
    ['diffusion_pytorch_model.safetensors', /pipeline of diffusers/],
    ['model_index.json', /pipeline of diffusers/],
  ])('%s', async (name, message) => {
    const files = { [name]: 'x' };
    await expect(open(files)).rejects.toMatchObject({ code: 'unsupported', details: { file: name } });
    await expect(open(files)).rejects.toThrow(message);
    // Such folders often have no config.json either.
    await expect(openCheckpoint(memoryFolder('m', files))).rejects.toThrow(message);
  });

  it('the usual names are found in a folder that cannot be listed', async () => {
    const { label, open: get } = memoryFolder('m', { 'config.json': config, 'pytorch_model.bin': 'x' });
    const unlisted: ModelFolder = { label, open: get };
    await expect(openCheckpoint(unlisted)).rejects.toThrow(/pickled weights/);
  });

  it('a folder one level too high says which folder to choose', async () => {
    const one = memoryFolder('m', { 'vlm/config.json': config, 'vlm/model.safetensors': file('a') });
    await expect(openCheckpoint(one)).rejects.toThrow(
      /There is a model in its subfolder vlm\/: choose that folder/,
    );
    const three = { 'base/config.json': '{}', 'vlm/config.json': '{}', 'lora/adapter_config.json': '{}' };
    await expect(openCheckpoint(memoryFolder('m', three))).rejects.toThrow(
      /models in its subfolders base\/, lora\/, vlm\/: choose one/,
    );
    await expect(open(three)).rejects.toThrow(/choose one/);
  });

  it('a download that is not complete, and a link that is not followed', async () => {
    await expect(
      openCheckpoint(memoryFolder('m', { 'config.json': config, 'model.safetensors.crdownload': 'x' })),
    ).rejects.toThrow(/model\.safetensors\.crdownload, a download that is not complete/);
    const folder = memoryFolder('m', { 'config.json': config });
    const list = async () => ({
      files: ['config.json'],
      passedOver: [{ name: 'model.safetensors', why: 'a link that leads nowhere' }],
    });
    await expect(openCheckpoint({ ...folder, list })).rejects.toThrow(
      /model\.safetensors is a link that leads nowhere\. Put the file itself there/,
    );
  });

  it('the cache of the Hub’s own tools says which of its folders is the model', async () => {
    const cached = {
      'blobs/0123': 'x',
      'refs/main': 'abc',
      'snapshots/abc/config.json': config,
      'snapshots/abc/model.safetensors': file('a'),
    };
    await expect(openCheckpoint(memoryFolder('m', cached))).rejects.toThrow(
      /called as its commit: choose that \(snapshots\/abc\/\)/,
    );
    const higher = { 'models--o--m/snapshots/abc/config.json': config, 'models--o--m/refs/main': 'abc' };
    await expect(openCheckpoint(memoryFolder('hub', higher))).rejects.toThrow(
      /choose that \(models--o--m\/snapshots\/\)/,
    );
    await expect(openCheckpoint(memoryFolder('m', { 'a/snapshots/x/y.json': 'x' }))).rejects.toThrow(
      /Choose the folder that holds config\.json/,
    );
  });
});

test('an index with other keys, one without metadata and a byte order mark are read, and it is said', async () => {
  const files = { 'x.safetensors': file('a') };
  const map = '"weight_map":{"a":"x.safetensors"}';
  const found = async (text: string) =>
    (await opened({ ...files, 'model.safetensors.index.json': text })).found;
  expect(await found(`{"metadata":{},${map},"news":{"a":1},"none":null}`)).toEqual([
    'info index-keys-unknown',
  ]);
  expect(await found(`{${map}}`)).toEqual(['info index-without-metadata']);
  expect(await found(`\ufeff{"metadata":{},${map}}`)).toEqual(['warning byte-order-mark']);
  const { findings } = await openCheckpoint(
    memoryFolder('m', { 'config.json': '\ufeff{}', 'model.safetensors': file('a') }),
  );
  expect(findings).toEqual([
    expect.objectContaining({ message: 'config.json of m begins with a byte order mark.' }),
  ]);
});
