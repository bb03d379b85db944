import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { encodeFloat32 } from '../../src/core/safetensors/encode.ts';
import { openCheckpoint } from './checkpoint.ts';
import { nodeDirectory } from './directory.node.ts';
import { memoryFolder } from './memory-folder.ts';
import { rewriteShard, shardFiles } from './rewrite.ts';

const demo = (role: string): string => fileURLToPath(new URL(`../../public/models/demo/${role}`, import.meta.url));

describe('rewriteShard', () => {
  it.each(['base', 'vlm', 'lrm'])('gives %s, written by the reference implementation, back byte for byte when nothing is replaced', async (role) => {
    const checkpoint = await openCheckpoint(nodeDirectory(demo(role)));
    expect(shardFiles(checkpoint)).toEqual(['model.safetensors']);
    let written = 0;
    const bytes = await rewriteShard(checkpoint, 'model.safetensors', { replace: () => null, metadata: checkpoint.metadata, onBytes: (count) => (written += count) });
    expect(Buffer.from(bytes).equals(readFileSync(`${demo(role)}/model.safetensors`))).toBe(true);
    expect(written).toBe(checkpoint.sizeBytes);
  });

  it('replaces one tensor and touches no other, with more metadata or without', async () => {
    const checkpoint = await openCheckpoint(nodeDirectory(demo('vlm')));
    const name = 'model.text_model.layers.1.mlp.up_proj.weight';
    const values = (await checkpoint.readFloat32(name)).map((value) => value * 2);
    const metadata = { ...checkpoint.metadata, note: 'changed' };
    const bytes = await rewriteShard(checkpoint, 'model.safetensors', { replace: (tensor) => (tensor.name === name ? encodeFloat32('F16', values) : null), metadata });
    const again = await openCheckpoint(memoryFolder('again', { 'config.json': '{}', 'model.safetensors': bytes }));
    expect(again.metadata).toEqual(metadata);
    expect([...again.tensors.values()]).toEqual([...checkpoint.tensors.values()]);
    for (const other of checkpoint.tensors.keys()) {
      const same = Buffer.from(await again.readRaw(other)).equals(Buffer.from(await checkpoint.readRaw(other)));
      expect(same, other).toBe(other !== name);
    }
    expect(await again.readFloat32(name)).toEqual(values);
  });

  it('refuses a shard that is not there, bytes of another length, and stops when told to', async () => {
    const checkpoint = await openCheckpoint(nodeDirectory(demo('base')));
    const metadata = {};
    await expect(rewriteShard(checkpoint, 'other.safetensors', { replace: () => null, metadata })).rejects.toMatchObject({ code: 'bad-request' });
    await expect(rewriteShard(checkpoint, 'model.safetensors', { replace: () => new Uint8Array(3), metadata })).rejects.toThrow(/needs \d+ bytes of F16 but has 3/);
    await expect(rewriteShard(checkpoint, 'model.safetensors', { replace: () => null, metadata, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
  });
});
