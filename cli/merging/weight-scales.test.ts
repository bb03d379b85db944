/** A reasoning model with a matrix that is no tuned one: pair and every merge say so before they begin. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { headerLength, parseHeader } from '../../core/safetensors/header.ts';
import { demo, frism, temporary } from '../testing/run-frism.ts';

const tensor = 'model.layers.2.self_attn.v_proj.weight';

/** The demo's reasoning model, where each float16 of one matrix becomes another. */
function withMatrix(of: (code: number) => number): string {
  const folder = join(temporary(), 'lrm');
  cpSync(demo('lrm'), folder, { recursive: true });
  const file = join(folder, 'model.safetensors');
  const bytes = new Uint8Array(readFileSync(file));
  const begin = 8 + headerLength(bytes.subarray(0, 8), bytes.length, file);
  const entry = parseHeader(bytes.subarray(0, begin), bytes.length, file).tensors.find(
    ({ name }) => name === tensor,
  );
  if (entry?.dtype !== 'F16') throw new Error('The demo has no such matrix.');
  const view = new DataView(bytes.buffer, entry.begin, entry.end - entry.begin);
  for (let at = 0; at < view.byteLength; at += 2) view.setUint16(at, of(view.getUint16(at, true)), true);
  writeFileSync(file, bytes);
  return folder;
}

test.each([
  ['zeros', 'lrm-layers-zero', () => 0, 'holds nothing but zeros'],
  // Seven more in the exponent of every number that is not subnormal: times 128.
  [
    'times 128',
    'lrm-scale-differs',
    (code: number) => (code & 0x7c00 ? code + 0x1c00 : code),
    ' times as large',
  ],
] as const)('%s', async (_, code, change, said) => {
  const lrm = withMatrix(change);
  const models = ['--base', demo('base'), '--vlm', demo('vlm'), '--lrm', lrm, '--json'];
  for (const words of [['pair'], ['merge', '--out', join(temporary(), 'out')]]) {
    const [command, ...options] = words as [string, ...string[]];
    const { code: exit, stderr, json } = await frism(command, ...models, ...options);
    expect(exit, stderr).toBe(0);
    const found = json['findings'] as readonly { readonly code: string; readonly message: string }[];
    const finding = found.find((one) => one.code === code);
    expect(finding?.message).toContain(said);
    expect(finding?.message).toContain(tensor);
    if (command === 'merge') expect(stderr).toContain(said);
  }
});
