/** Every method refuses a model with weights that are no numbers, and says whose they are: with gates as well. */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { methods } from '../../core/merging/methods.ts';
import { headerLength, parseHeader } from '../../core/safetensors/header.ts';
import { demo, frism, temporary } from '../testing/run-frism.ts';

const names = { base: 'base model', vlm: 'VLM', lrm: 'reasoning model' } as const;

/** The demo's model with one entry of one matrix not a number. */
function broken(role: keyof typeof names): { readonly folder: string; readonly tensor: string } {
  const folder = join(temporary(), role);
  cpSync(demo(role), folder, { recursive: true });
  const file = join(folder, 'model.safetensors');
  const bytes = new Uint8Array(readFileSync(file));
  const begin = 8 + headerLength(bytes.subarray(0, 8), bytes.length, file);
  const { tensors } = parseHeader(bytes.subarray(0, begin), bytes.length, file);
  const entry = tensors.find(
    ({ name }) => name.endsWith('layers.1.mlp.down_proj.weight') && !name.includes('vision'),
  );
  if (!entry) throw new Error('The demo has no such matrix.');
  // Float16: a NaN at the second entry.
  bytes.set([0x00, 0x7e], entry.begin + 2);
  writeFileSync(file, bytes);
  return { folder, tensor: entry.name };
}

test.each(['base', 'vlm', 'lrm'] as const)('%s', async (role) => {
  const { folder, tensor } = broken(role);
  const trio = (['base', 'vlm', 'lrm'] as const).flatMap((each) => [
    `--${each}`,
    each === role ? folder : demo(each),
  ]);
  // A method of each form reads the models in its own way; the streams have a test each beside them.
  for (const method of ['ties', 'task-arithmetic', 'iso-c', 'top-k']) {
    expect(methods.map(({ id }) => id as string)).toContain(method);
    const out = join(temporary(), 'out');
    const { code, stderr } = await frism('merge', ...trio, '--method', method, '--out', out, '--quiet');
    expect(code, method).toBe(1);
    expect(existsSync(out), method).toBe(false);
    expect(stderr, method).toContain(
      `The ${names[role]} ${role} has a value that is not a finite number in ${tensor} (model.safetensors): it is NaN, at [0, 1].`,
    );
  }
});
