import { expect, test } from 'vitest';
import { valuesNotFinite, type NotFiniteTensor } from './copied-values.ts';

const tensor = (name: string, nan: number, plus: number, minus: number, index = 9): NotFiniteTensor => ({
  name,
  file: 'model.safetensors',
  shape: [4, 6],
  found: { nan, plus, minus, first: { index, value: nan > 0 ? NaN : plus > 0 ? Infinity : -Infinity } },
});

test('nothing is said of nothing', () => expect(valuesNotFinite('my-vlm', [])).toEqual([]));

test('tensor, file, how many of which kind, the first place, and what it means', () => {
  const [finding, ...more] = valuesNotFinite('my-vlm', [
    tensor('model.embed_tokens.weight', 3, 0, 1),
    tensor('model.norm.weight', 0, 1, 0, 0),
  ]);
  expect(more).toEqual([]);
  expect(finding).toMatchObject({
    code: 'vlm-values-not-finite',
    severity: 'warning',
    tensors: ['model.embed_tokens.weight', 'model.norm.weight'],
    message:
      'The VLM my-vlm holds values that are not finite numbers where a merge keeps it as it is: model.embed_tokens.weight (model.safetensors) has 3 NaN and 1 minus infinity, the first at [1, 3]; model.norm.weight (model.safetensors) has 1 plus infinity at [0, 0].',
  });
  expect(finding?.remedy).toContain('it answers nothing');
});

test('minus infinity in a buffer is a mask, in a weight it is damage, beside NaN too', () => {
  const code = (one: NotFiniteTensor) => valuesNotFinite('v', [one]).map(({ code }) => code);
  expect(code(tensor('model.causal_mask', 0, 0, 24))).toEqual(['vlm-minus-infinity']);
  expect(code(tensor('model.norm.weight', 0, 0, 24))).toEqual(['vlm-values-not-finite']);
  expect(code(tensor('model.causal_mask', 1, 0, 23))).toEqual(['vlm-values-not-finite']);
  expect(code(tensor('model.causal_mask', 0, 1, 0))).toEqual(['vlm-values-not-finite']);
  expect(
    valuesNotFinite('v', [tensor('a.mask', 0, 0, 1), tensor('b.weight', 1, 0, 0)]).map(
      ({ tensors }) => tensors,
    ),
  ).toEqual([['b.weight'], ['a.mask']]);
});

test('a message names a few tensors, its finding all of them', () => {
  const many = Array.from({ length: 300 }, (_, i) => tensor(`layers.${i}.weight`, 1, 0, 0));
  const [finding] = valuesNotFinite('v', many);
  expect(finding?.tensors).toHaveLength(300);
  expect(finding?.message.length).toBeLessThan(1000);
  expect(finding?.message).toMatch(/; and 295 more tensors\.$/);
});
