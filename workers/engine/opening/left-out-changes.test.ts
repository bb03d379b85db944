/** What a reasoning model changed outside the linear layers is told with its size, and nothing else is. */
import { expect, test } from 'vitest';
import { encodeFloat32 } from '../../../core/safetensors/encode.ts';
import { buildSafetensors } from '../../../core/safetensors/write.ts';
import { noise } from '../../backend/reference.ts';
import { openCheckpoint } from '../../io/checkpoints/checkpoint.ts';
import { memoryFolder } from '../../io/folders/memory-folder.ts';
import { findLeftOutChanges } from './left-out-changes.ts';

const { signal } = new AbortController();
const shapes = {
  'embed_tokens.weight': [40, 16],
  'norm.weight': [16],
  'layers.0.self_attn.q_proj.weight': [16, 16],
  'layers.0.self_attn.q_proj.bias': [16],
} as const;
type Name = keyof typeof shapes;
type Change = (values: Float32Array<ArrayBuffer>) => Float32Array<ArrayBuffer>;

const model = (
  label: string,
  changes: Partial<Record<Name, Change>> = {},
  { prefix = 'model.', dtype = 'F32' as 'F32' | 'BF16' } = {},
) =>
  openCheckpoint(
    memoryFolder(label, {
      'config.json': '{}',
      'model.safetensors': buildSafetensors(
        (Object.entries(shapes) as [Name, readonly number[]][]).map(([name, shape], seed) => {
          const [rows = 1, columns = 1] = shape;
          const values = Float32Array.from(noise(rows, columns, seed + 1).data);
          return {
            name: `${prefix}${name}`,
            dtype,
            shape,
            bytes: encodeFloat32(dtype, changes[name]?.(values) ?? values),
          };
        }),
        new Map(),
      ),
    }),
  );

const found = async (...of: Parameters<typeof model>) => {
  const base = await model('base');
  return findLeftOutChanges({ base, vlm: base, lrm: await model(...of) }, signal);
};
const times =
  (factor: number): Change =>
  (values) =>
    values.map((value) => factor * value);

test('a norm or a bias of half as much again is a warning that names both and how far they went', async () => {
  const [finding, ...others] = await found('lrm', {
    'norm.weight': times(1.5),
    'layers.0.self_attn.q_proj.bias': times(0.9),
  });
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    code: 'lrm-changed-what-stays',
    severity: 'warning',
    tensors: ['model.norm.weight', 'model.layers.0.self_attn.q_proj.bias'],
    message: expect.stringMatching(
      /in 2 of 3 sampled tensors .*: model\.norm\.weight by 50 %, model\.layers\.0\.self_attn\.q_proj\.bias by 10 %\.$/,
    ),
  });
});

test('one trained row at the end of the embeddings is seen, also under another prefix, and is a note', async () => {
  const lastRow: Change = (values) => values.map((value, i) => (i >= 39 * 16 ? value * 1.2 : value));
  const [finding] = await found(
    'lrm',
    { 'embed_tokens.weight': lastRow },
    { prefix: 'model.language_model.' },
  );
  expect(finding).toMatchObject({ severity: 'info', tensors: ['model.language_model.embed_tokens.weight'] });
});

test('nothing is said of linear layers, of equal tensors, and of what another type rounds', async () => {
  expect(await found('lrm', { 'layers.0.self_attn.q_proj.weight': times(3) })).toEqual([]);
  expect(await found('lrm', {}, { dtype: 'BF16' })).toEqual([]);
});
