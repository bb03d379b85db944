import { roles } from '../../../core/family/trio.ts';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeFloat32 } from '../../../core/safetensors/encode.ts';
import { buildSafetensors } from '../../../core/safetensors/write.ts';
import { ahead } from '../ahead.ts';
import { openCheckpoint } from '../checkpoints/checkpoint.ts';
import { directoryOutput } from './directory-output.node.ts';
import { nodeDirectory } from '../folders/directory.node.ts';
import { memoryFolder } from '../folders/memory-folder.ts';
import { memoryOutput } from './memory-output.ts';
import { writeOwnIndex, writeText, writeWeights } from './write-weights.ts';

const demo = (role: string): string =>
  fileURLToPath(new URL(`../../../public/models/demo/${role}`, import.meta.url));
const scratch: string[] = [];
const temporary = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'frism-write-'));
  scratch.push(folder);
  return folder;
};
afterEach(() => scratch.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

describe('writeWeights', () => {
  it.each(roles)(
    'gives %s, written by the reference implementation, back byte for byte when nothing is replaced',
    async (role) => {
      const checkpoint = await openCheckpoint(nodeDirectory(demo(role)));
      const output = memoryOutput('copy', 2 ** 30);
      let written = 0;
      const files = await writeWeights(checkpoint, output, {
        replace: () => null,
        maxShardBytes: null,
        metadata: () => checkpoint.metadata,
        onBytes: (count) => (written += count),
      });
      expect(files).toEqual(['model.safetensors']);
      expect(
        Buffer.from(output.files[0]?.bytes ?? []).equals(readFileSync(`${demo(role)}/model.safetensors`)),
      ).toBe(true);
      expect(written).toBe(checkpoint.sizeBytes);
    },
  );

  it('new shards of a chosen size hold the same tensors, one of them replaced, and open again', async () => {
    const checkpoint = await openCheckpoint(nodeDirectory(demo('vlm')));
    const name = 'model.text_model.layers.1.mlp.up_proj.weight';
    const values = (await checkpoint.readFloat32(name)).map((value) => value * 2);
    const bytes = encodeFloat32('F16', values);
    const folder = join(temporary(), 'out');
    const output = await directoryOutput(folder);
    const files = await writeWeights(checkpoint, output, {
      replace: ({ name: asked }) =>
        asked === name
          ? (async function* () {
              yield bytes.slice(0, 1000);
              yield bytes.slice(1000);
            })()
          : null,
      maxShardBytes: 600_000,
      metadata: (shard) => (shard === 0 ? { note: 'first' } : {}),
    });
    await writeText(output, 'config.json', '{}');
    expect(readdirSync(join(folder, '..'))).not.toContain('out');
    await output.commit();
    expect(readdirSync(folder).sort()).toEqual(['config.json', ...files].sort());
    expect(files.length).toBeGreaterThan(3);
    const again = await openCheckpoint(nodeDirectory(folder));
    expect(again.metadata).toEqual({ note: 'first' });
    expect([...again.tensors.keys()].sort()).toEqual([...checkpoint.tensors.keys()].sort());
    for (const other of checkpoint.tensors.keys()) {
      const same = Buffer.from(await again.readRaw(other)).equals(
        Buffer.from(await checkpoint.readRaw(other)),
      );
      expect(same, other).toBe(other !== name);
    }
    expect(await again.readFloat32(name)).toEqual(values);
  });

  it('an export that fails leaves nothing that looks whole, and a full directory is not touched', async () => {
    const checkpoint = await openCheckpoint(nodeDirectory(demo('base')));
    const parent = temporary();
    const output = await directoryOutput(join(parent, 'out'));
    const short = async function* () {
      yield new Uint8Array(3);
    };
    await expect(
      writeWeights(checkpoint, output, { replace: () => short(), maxShardBytes: null, metadata: () => ({}) }),
    ).rejects.toThrow(/needs \d+ bytes of F16 but has 3/);
    expect(readdirSync(parent).every((name) => name.startsWith('.out.partial'))).toBe(true);
    await output.discard();
    expect(readdirSync(parent)).toEqual([]);
    await expect(
      writeWeights(checkpoint, memoryOutput('m', 2 ** 30), {
        replace: () => null,
        maxShardBytes: null,
        metadata: () => ({}),
        signal: AbortSignal.abort(),
      }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    await expect(
      writeWeights(checkpoint, memoryOutput('m', 1000), {
        replace: () => null,
        maxShardBytes: null,
        metadata: () => ({}),
      }),
    ).rejects.toMatchObject({ code: 'memory' });
    writeFileSync(join(parent, 'mine.txt'), 'precious');
    await expect(directoryOutput(parent)).rejects.toThrow(/is not empty/);
  });
});

it('an index is written for shards that have none, and for one file under another name, but not for one that needs none', async () => {
  const bytes = (name: string) =>
    buildSafetensors([{ name, dtype: 'U8', shape: [1], bytes: Uint8Array.of(1) }], new Map());
  const indexOf = async (files: Record<string, Uint8Array>) => {
    const output = memoryOutput('out', 2 ** 20);
    const checkpoint = await openCheckpoint(memoryFolder('m', { 'config.json': '{}', ...files }));
    const written = await writeOwnIndex(checkpoint, output);
    expect(output.files.map(({ path }) => path)).toEqual(written);
    const text = new TextDecoder().decode(output.files[0]?.bytes);
    return text === '' ? null : (JSON.parse(text) as { weight_map: unknown }).weight_map;
  };
  const [first, second] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  expect(await indexOf({ [first]: bytes('a'), [second]: bytes('b') })).toEqual({ a: first, b: second });
  expect(await indexOf({ 'x.safetensors': bytes('a') })).toEqual({ a: 'x.safetensors' });
  expect(await indexOf({ 'model.safetensors': bytes('a') })).toBeNull();
});

it('ahead keeps the order, runs before it is asked, passes errors on and stops its source', async () => {
  const log: string[] = [];
  async function* source() {
    try {
      for (let i = 0; i < 5; i++) {
        log.push(`made ${i}`);
        yield i;
      }
    } finally {
      log.push('closed');
    }
  }
  for await (const value of ahead(source())) {
    log.push(`used ${value}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (value === 2) break;
  }
  expect(log.indexOf('made 1')).toBeLessThan(log.indexOf('used 1'));
  expect(log.filter((line) => line.startsWith('used'))).toEqual(['used 0', 'used 1', 'used 2']);
  expect(log.at(-1)).toBe('closed');
  async function* broken(): AsyncGenerator<number> {
    yield 1;
    throw new Error('gone');
  }
  const seen: number[] = [];
  await expect(async () => {
    for await (const value of ahead(broken(), 2)) seen.push(value);
  }).rejects.toThrow('gone');
  expect(seen).toEqual([1]);
});
