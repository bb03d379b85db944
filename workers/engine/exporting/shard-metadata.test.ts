/** `__metadata__` of what an export writes, for VLMs of one file and of several. */
import { expect, test } from 'vitest';
import { encodeFloat32 } from '../../../core/safetensors/encode.ts';
import { buildSafetensors } from '../../../core/safetensors/write.ts';
import { openCheckpoint } from '../../io/checkpoints/checkpoint.ts';
import { memoryFolder } from '../../io/folders/memory-folder.ts';
import { memoryOutput } from '../../io/output/memory-output.ts';
import { writeWeights } from '../../io/output/write-weights.ts';
import { shardMetadata } from './shard-metadata.ts';

type Metadata = Readonly<Record<string, string>>;
const record = { frism_recipe: 'new' };

/** A VLM with one tensor a file. */
const vlmOf = (...files: Metadata[]) => {
  const shards = files.map((metadata, i): [string, Uint8Array] => [
    `m${i}.safetensors`,
    buildSafetensors(
      [{ name: `t${i}`, dtype: 'F32', shape: [2], bytes: encodeFloat32('F32', Float32Array.of(i, i)) }],
      new Map(Object.entries(metadata)),
    ),
  ]);
  const map = Object.fromEntries(shards.map(([file], i) => [`t${i}`, file]));
  return openCheckpoint(
    memoryFolder('vlm', {
      'config.json': '{}',
      'model.safetensors.index.json': JSON.stringify({ weight_map: map }),
      ...Object.fromEntries(shards),
    }),
  );
};

async function metadataWritten(
  files: readonly Metadata[],
  maxShardBytes: number | null,
  said: Metadata | null,
): Promise<unknown[]> {
  const vlm = await vlmOf(...files);
  const output = memoryOutput('out', 2 ** 20);
  await writeWeights(vlm, output, {
    replace: () => null,
    maxShardBytes,
    metadata: shardMetadata(vlm, { isKept: maxShardBytes === null, record: said }),
  });
  return output.files
    .filter(({ path }) => path.endsWith('.safetensors'))
    .map(({ bytes }) => {
      const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
      const header: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
      return (header as { __metadata__?: unknown }).__metadata__ ?? null;
    });
}

test('a VLM without metadata, or with a format that transformers refuses, becomes one that it opens', async () => {
  expect(await metadataWritten([{}], null, record)).toEqual([{ format: 'pt', ...record }]);
  expect(await metadataWritten([{ format: 'np', note: 'a' }], null, record)).toEqual([
    { format: 'pt', note: 'a', ...record },
  ]);
  expect(await metadataWritten([{}], 2 ** 20, null)).toEqual([{ format: 'pt' }]);
  expect(await metadataWritten([{ format: 'mlx' }], null, record)).toEqual([{ format: 'mlx', ...record }]);
});

test('shards that are kept keep their own metadata; nothing is added where nothing is merged', async () => {
  const files = [{ format: 'pt', part: '1' }, { part: '2' }, {}];
  expect(await metadataWritten(files, null, record)).toEqual([
    { format: 'pt', part: '1', ...record },
    { format: 'pt', part: '2' },
    { format: 'pt' },
  ]);
  expect(await metadataWritten(files, null, null)).toEqual([
    { format: 'pt', part: '1' },
    { part: '2' },
    null,
  ]);
});

test('new shards say what the old ones say together, and the record of an earlier merge gives way', async () => {
  const files = [
    { format: 'pt', part: '1', frism_merge: 'old' },
    { part: '2', note: 'a' },
  ];
  expect(await metadataWritten(files, 8, record)).toEqual([
    { format: 'pt', note: 'a', ...record },
    { format: 'pt', note: 'a' },
  ]);
  expect(await metadataWritten(files, null, { frism_recipe: 'new' })).toEqual([
    { format: 'pt', part: '1', ...record },
    { format: 'pt', part: '2', note: 'a' },
  ]);
  // Nothing is merged: the earlier merge is still what these weights are.
  expect(await metadataWritten(files, 8, null)).toEqual([
    { format: 'pt', note: 'a', frism_merge: 'old' },
    { format: 'pt', note: 'a' },
  ]);
});
