/** Folders whose index and files disagree, held against what transformers loads (zoo/reference/safetensors/shards.py). */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { encodeFloat32 } from '../../../core/safetensors/encode.ts';
import { buildSafetensors } from '../../../core/safetensors/write.ts';
import { memoryFolder } from '../folders/memory-folder.ts';
import { openCheckpoint } from './checkpoint.ts';

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly index: Readonly<Record<string, string>> | null;
  readonly read: Readonly<Record<string, number>> | null;
}

const { cases } = JSON.parse(
  readFileSync(new URL('../../../zoo/reference/safetensors/shards.json', import.meta.url), 'utf8'),
) as { cases: Case[] };

/** Read here although transformers refuses it; a finding says so. */
const laxer: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'shards without an index': { a: 1, b: 2, c: 3 },
  'one file under another name': { a: 4, b: 5, c: 6 },
};
/** transformers takes the last of the two, whatever the index says. */
const stricter = ['a tensor in both shards'];
/** Nothing about them is odd, or nothing is read otherwise than it says. */
const plain = ['index and shards agree'];

async function read({ files, index }: Case) {
  const shards = Object.entries(files).map(([file, tensors]) => [
    file,
    buildSafetensors(
      Object.entries(tensors).map(([name, value]) => ({
        name,
        dtype: 'F32' as const,
        shape: [1],
        bytes: encodeFloat32('F32', Float32Array.of(value)),
      })),
      new Map([['format', 'pt']]),
    ),
  ]);
  const checkpoint = await openCheckpoint(
    memoryFolder('m', {
      'config.json': '{}',
      ...Object.fromEntries(shards),
      ...(index && { 'model.safetensors.index.json': JSON.stringify({ metadata: {}, weight_map: index }) }),
    }),
  );
  const values: Record<string, number | undefined> = {};
  for (const name of checkpoint.tensors.keys()) values[name] = (await checkpoint.readFloat32(name))[0];
  return { values, findings: checkpoint.findings ?? [] };
}

it.each(cases.map((one) => [one.name, one] as const))('%s', async (name, one) => {
  const expected = laxer[name] ?? (stricter.includes(name) ? null : one.read);
  if (expected === null) await expect(read(one)).rejects.toMatchObject({ name: 'StudioError' });
  else {
    const { values, findings } = await read(one);
    expect(values).toEqual(expected);
    expect(findings.length > 0).toBe(!plain.includes(name));
  }
});
