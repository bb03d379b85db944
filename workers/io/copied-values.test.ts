import { expect, test } from 'vitest';
import { encodeFloat32 } from '../../core/safetensors/encode.ts';
import { buildSafetensors } from '../../core/safetensors/write.ts';
import { openCheckpoint } from './checkpoints/checkpoint.ts';
import { CopiedValues } from './copied-values.ts';
import { memoryFolder } from './folders/memory-folder.ts';
import { memoryOutput } from './output/memory-output.ts';
import { writeWeights } from './output/write-weights.ts';

test('tensors that are written as they are show what is not finite, replaced ones and whole numbers do not', async () => {
  const dtypes = { brain: 'BF16', half: 'F16', single: 'F32', double: 'F64' } as const;
  const values = Float32Array.of(0.5, -2, NaN, 3, Infinity, -Infinity);
  const floats = Object.entries(dtypes).map(([name, dtype]) => ({
    name,
    dtype,
    shape: [2, 3],
    bytes: dtype === 'F64' ? new Uint8Array(Float64Array.from(values).buffer) : encodeFloat32(dtype, values),
  }));
  // Larger than what is written at a time, with the only NaN beyond it.
  const long = new Uint8Array(3 * 2 ** 22);
  long.set([0x01, 0x7e], 2 * (2 ** 22 + 5));
  const all = [
    ...floats,
    { name: 'replaced', dtype: 'F32', shape: [6], bytes: encodeFloat32('F32', values) },
    { name: 'codes', dtype: 'U8', shape: [4], bytes: new Uint8Array(4).fill(0xff) },
    { name: 'long', dtype: 'F16', shape: [3, 2 ** 21], bytes: long },
  ] as const;
  const folder = memoryFolder('m', {
    'config.json': '{}',
    'model.safetensors': buildSafetensors([...all], new Map()),
  });
  const seen = new CopiedValues();
  await writeWeights(await openCheckpoint(folder), memoryOutput('out', 2 ** 30), {
    replace: ({ name }) =>
      name === 'replaced'
        ? (async function* () {
            yield encodeFloat32('F32', values);
          })()
        : null,
    onKept: seen.piece,
    maxShardBytes: 2 ** 20,
    metadata: () => ({}),
  });
  const found = { nan: 1, plus: 1, minus: 1, first: { index: 2, value: NaN } };
  const [file, shape] = ['model.safetensors', [2, 3]];
  expect(seen.found()).toEqual([
    { name: 'brain', file, shape, found },
    { name: 'double', file, shape, found },
    { name: 'half', file, shape, found },
    {
      name: 'long',
      file,
      shape: [3, 2 ** 21],
      found: { nan: 1, plus: 0, minus: 0, first: { index: 2 ** 22 + 5, value: NaN } },
    },
    { name: 'single', file, shape, found },
  ]);
});
