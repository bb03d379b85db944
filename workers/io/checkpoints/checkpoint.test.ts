import { roles } from '../../../core/family/trio.ts';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Dtype } from '../../../core/safetensors/dtype.ts';
import { encodeFloat32 } from '../../../core/safetensors/encode.ts';
import { buildSafetensors } from '../../../core/safetensors/write.ts';
import { openCheckpoint } from './checkpoint.ts';
import { nodeDirectory } from '../folders/directory.node.ts';
import { hashCheckpoint, hashTensor, sha256Hex } from '../hash.ts';
import { memoryFolder } from '../folders/memory-folder.ts';

const tensor = (name: string, values: number[], dtype: Dtype = 'F32') => ({
  name,
  dtype,
  shape: [values.length],
  bytes: encodeFloat32(dtype, Float32Array.from(values)),
});
const shard = (...tensors: ReturnType<typeof tensor>[]) =>
  buildSafetensors(tensors, new Map([['format', 'pt']]));
const index = (map: Record<string, string>) =>
  JSON.stringify({ metadata: { total_size: 1 }, weight_map: map });
const config = '{"architectures":["X"]}';

describe('openCheckpoint', () => {
  it('opens the demo models', async () => {
    for (const role of roles) {
      const folder = nodeDirectory(
        fileURLToPath(new URL(`../../../public/models/demo/${role}`, import.meta.url)),
      );
      let read = 0;
      const checkpoint = await openCheckpoint(folder, undefined, (bytes) => (read += bytes));
      for (const { name, shape } of checkpoint.tensors.values()) {
        const values = await checkpoint.readFloat32(name);
        expect(values.length).toBe(shape.reduce((product, size) => product * size, 1));
        expect(values.every(Number.isFinite)).toBe(true);
      }
      expect(read).toBe(checkpoint.sizeBytes);
      expect(checkpoint.metadata).toEqual({ format: 'pt' });
      expect(await checkpoint.readText('tokenizer.json')).toContain('"model"');
      expect(await checkpoint.readText('nothing.txt')).toBeNull();
    }
  });

  it('opens shards by their index', async () => {
    const folder = memoryFolder('m', {
      'config.json': config,
      'model.safetensors.index.json': index({
        b: 'model-2.safetensors',
        a: 'model-1.safetensors',
        c: 'model-2.safetensors',
      }),
      'model-1.safetensors': shard(tensor('a', [1, 2])),
      'model-2.safetensors': shard(tensor('c', [3], 'BF16'), tensor('b', [4, 5, 6], 'F16')),
    });
    const checkpoint = await openCheckpoint(folder);
    expect([...checkpoint.tensors.keys()]).toEqual(['a', 'c', 'b']);
    expect(checkpoint.tensors.get('b')).toEqual({
      name: 'b',
      dtype: 'F16',
      shape: [3],
      sizeBytes: 6,
      file: 'model-2.safetensors',
    });
    expect(Array.from(await checkpoint.readFloat32('b'))).toEqual([4, 5, 6]);
    expect((await checkpoint.readRaw('c')).length).toBe(2);
    await expect(checkpoint.readRaw('d')).rejects.toMatchObject({
      code: 'missing',
      details: { tensor: 'd' },
    });
  });

  const one = shard(tensor('a', [1]));
  it.each<[string, Record<string, Uint8Array | string>, string, RegExp]>([
    ['no config', { 'model.safetensors': one }, 'missing', /no config\.json/],
    [
      'a broken config',
      { 'config.json': '{', 'model.safetensors': one },
      'bad-file',
      /config\.json is not valid JSON/,
    ],
    [
      'a config that is not text',
      { 'config.json': Uint8Array.of(0xff), 'model.safetensors': one },
      'bad-file',
      /UTF-8/,
    ],
    ['no weights', { 'config.json': config }, 'missing', /neither model\.safetensors nor/],
    [
      'an adapter only',
      { 'config.json': config, 'adapter_model.safetensors': one },
      'unsupported',
      /LoRA adapter/,
    ],
    [
      'pickled weights only',
      { 'config.json': config, 'pytorch_model.bin': 'x' },
      'unsupported',
      /pytorch_model\.bin, which is pickled weights.*safe_serialization=True/,
    ],
    [
      'a cut file',
      { 'config.json': config, 'model.safetensors': one.subarray(0, one.length - 1) },
      'bad-file',
      /may be incomplete/,
    ],
    [
      'a header without end',
      { 'config.json': config, 'model.safetensors': one.subarray(0, 20) },
      'bad-file',
      /incomplete/,
    ],
    ['an empty file', { 'config.json': config, 'model.safetensors': '' }, 'bad-file', /is empty/],
    ['no tensors', { 'config.json': config, 'model.safetensors': shard() }, 'missing', /no tensors/],
    [
      'a missing shard',
      { 'config.json': config, 'model.safetensors.index.json': index({ a: 'x.safetensors' }) },
      'missing',
      /no x\.safetensors/,
    ],
    [
      'a path out of the folder',
      { 'config.json': config, 'model.safetensors.index.json': index({ a: '../x.safetensors' }) },
      'bad-file',
      /not the name of/,
    ],
  ])('refuses %s', async (_, files, code, message) => {
    const opening = openCheckpoint(memoryFolder('m', files));
    await expect(opening).rejects.toMatchObject({ code });
    await expect(opening).rejects.toThrow(message);
  });
});

describe('hashes', () => {
  it("sha256Hex agrees with the standard's example", async () => {
    // FIPS 180-2, appendix B.1.
    expect(await sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('of a checkpoint does not depend on shards or order, but on every name, dtype and byte', async () => {
    const single = (...tensors: ReturnType<typeof tensor>[]) =>
      openCheckpoint(memoryFolder('m', { 'config.json': config, 'model.safetensors': shard(...tensors) }));
    const a = tensor('a', [1, 2]);
    const b = tensor('b', [3]);
    const reference = await hashCheckpoint(await single(a, b));
    expect(await hashCheckpoint(await single(b, a))).toBe(reference);
    const sharded = memoryFolder('m', {
      'config.json': config,
      'model.safetensors.index.json': index({ a: 'x.safetensors', b: 'y.safetensors' }),
      'x.safetensors': shard(a),
      'y.safetensors': shard(b),
    });
    expect(await hashCheckpoint(await openCheckpoint(sharded))).toBe(reference);
    const others = [[a], [a, tensor('c', [3])], [a, tensor('b', [4])], [a, tensor('b', [3], 'F16')]];
    const hashes = await Promise.all(others.map(async (tensors) => hashCheckpoint(await single(...tensors))));
    expect(new Set([reference, ...hashes]).size).toBe(5);
    expect(await hashCheckpoint(await single(a, b), ['a'])).toBe(hashes[0]);
    expect(await hashTensor(await single(a, tensor('other', [1, 2])), 'a')).toBe(
      await hashTensor(await single(a, tensor('other', [1, 2])), 'other'),
    );
  });
});
