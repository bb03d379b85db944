import { describe, expect, test } from 'vitest';
import { roles, type Role } from '../../core/family/trio.ts';
import { completeSettings } from '../../core/merging/choose.ts';
import { streamMethods } from '../../core/merging/methods.ts';
import type { Dtype } from '../../core/safetensors/dtype.ts';
import { encodeFloat32 } from '../../core/safetensors/encode.ts';
import { buildSafetensors } from '../../core/safetensors/write.ts';
import { openCheckpoint } from '../io/checkpoints/checkpoint.ts';
import { memoryFolder } from '../io/folders/memory-folder.ts';
import { allFinite, requireFinite } from './finite.ts';
import type { StreamInputs } from './sources.ts';
import { mergeTensor } from './stream.ts';

const shape = [4, 6];
const values = (seed: number) => Float32Array.from({ length: 24 }, (_, i) => Math.sin(seed + 1.7 * i));

async function modelOf(role: Role, dtype: Dtype, bytes: Uint8Array<ArrayBuffer>) {
  const tensors = [{ name: 'w', dtype, shape, bytes }];
  const folder = memoryFolder(`my-${role}`, {
    'config.json': '{}',
    'model.safetensors': buildSafetensors(tensors, new Map()),
  });
  return { checkpoint: await openCheckpoint(folder), tensor: 'w' };
}

async function inputsWith(
  role: Role,
  bad: number,
  at: readonly number[],
  dtype: Dtype,
): Promise<StreamInputs> {
  const of = async (which: Role, seed: number) => {
    const own = values(seed);
    if (which === role) for (const i of at) own[i] = bad;
    return modelOf(which, dtype, encodeFloat32(dtype, own));
  };
  return { base: await of('base', 0), vlm: await of('vlm', 1), lrm: await of('lrm', 2) };
}

const names = { base: 'base model', vlm: 'VLM', lrm: 'reasoning model' };

describe.each(streamMethods.map((method) => [method.id, method] as const))('%s', (_id, method) => {
  const settings = completeSettings(method, {});

  test.each(roles)('refuses values that are not finite, whose they are: %s', async (role) => {
    for (const dtype of ['BF16', 'F16', 'F32'] as const)
      for (const bad of [NaN, Infinity, -Infinity]) {
        const merging = mergeTensor(method, settings, await inputsWith(role, bad, [9, 20, 23], dtype));
        await expect(merging, `${dtype} ${bad}`).rejects.toMatchObject({
          code: 'bad-file',
          message: expect.stringContaining(
            `The ${names[role]} my-${role} has 3 values that are not finite numbers in w (model.safetensors): the first is ${bad}, at [1, 3].`,
          ) as unknown,
          details: { file: 'model.safetensors', tensor: 'w', role },
        });
      }
  });

  test('merges zeros, and the largest numbers that differences of them can have', async () => {
    const zero = encodeFloat32('F32', new Float32Array(24));
    const all = { base: zero, vlm: zero, lrm: zero };
    const inputs = {
      base: await modelOf('base', 'F32', all.base),
      vlm: await modelOf('vlm', 'F32', all.vlm),
      lrm: await modelOf('lrm', 'F32', all.lrm),
    };
    expect(await mergeTensor(method, settings, inputs)).toEqual(zero);
    // A finite sum that float16 cannot hold is refused for that, and not as a fault of a file.
    const large = (value: number) => encodeFloat32('F16', new Float32Array(24).fill(value));
    const overflowing = mergeTensor(method, settings, {
      base: await modelOf('base', 'F16', large(-60000)),
      vlm: await modelOf('vlm', 'F16', large(60000)),
      lrm: await modelOf('lrm', 'F16', large(60000)),
    });
    const known = await overflowing.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (known !== null) expect(known).toMatchObject({ code: 'unsupported', details: { tensor: 'w' } });
  });
});

test('one value alone, and one that only float64 can hold, are named as what they are', async () => {
  const alone = await inputsWith('lrm', NaN, [5], 'F32');
  await expect(requireFinite('lrm', alone.lrm)).rejects.toThrow(
    'has a value that is not a finite number in w (model.safetensors): it is NaN, at [0, 5].',
  );
  await expect(requireFinite('vlm', alone.vlm)).resolves.toBeUndefined();
  const wide = new Float64Array(24).fill(1e300);
  const { checkpoint } = await modelOf('lrm', 'F64', new Uint8Array(wide.buffer));
  await expect(requireFinite('lrm', { checkpoint, tensor: 'w' })).rejects.toThrow(
    /24 values .* is Infinity, at \[0, 0\]/,
  );
});

test('looks at every value', () => {
  expect(allFinite(new Float32Array(0))).toBe(true);
  expect(allFinite(Float32Array.of(-3e38, 3e38, -0, 1e-45))).toBe(true);
  for (let i = 0; i < 5; i++) {
    const some = new Float32Array(5);
    some[i] = i % 2 ? NaN : -Infinity;
    expect(allFinite(some)).toBe(false);
  }
});
