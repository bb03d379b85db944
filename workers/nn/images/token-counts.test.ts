/**
 * How many tokens LLaVA's processor_config.json says stand for an image, in files as transformers 4.45, 4.46 and
 * earlier ones saved them. transformers 5.23 failed with each that has a finding here.
 */
import { expect, test } from 'vitest';
import { ConfigReader } from '../../../core/family/config-reader.ts';
import { readVlm } from '../../../test/vlm.ts';
import { checkTokenCounts } from './token-counts.ts';

const clip = (await readVlm('llava-clip')).spec;
const siglip = (await readVlm('llava-siglip')).spec;
const keys = ['patch_size', 'num_additional_image_tokens', 'vision_feature_select_strategy'] as const;

/** @param values of the keys in their order; undefined for one that is not there */
const check = (spec: typeof clip, ...values: readonly unknown[]) =>
  checkTokenCounts(
    new ConfigReader(
      Object.fromEntries(keys.flatMap((key, at) => (values[at] === undefined ? [] : [[key, values[at]]]))),
      '',
      'processor_config.json of m',
    ),
    spec,
  );

test.each<[string, typeof clip, readonly unknown[], RegExp]>([
  ['4.45 without the number', clip, [8, undefined, 'default'], /does not say num_additional_image_tokens,/],
  ['a number that is null', clip, [8, null, 'default'], /does not say num_additional_image_tokens,/],
  ['a patch that is null', clip, [null, 1, 'default'], /does not say patch_size,/],
  ['nulls alone', clip, [null, null, null], /patch_size and num_additional_image_tokens and vision_feat/],
  ['no key at all', clip, [], /does not say patch_size and/],
  ['no strategy', clip, [8, 1], /does not say vision_feature_select_strategy,/],
  [
    '4.45 on a tower without class token',
    siglip,
    [7, undefined, 'default'],
    /say num_additional_image_tokens,/,
  ],
])('is left open by %s: a warning, and no refusal', (_, spec, values, message) => {
  const [found, ...others] = check(spec, ...values);
  expect(others).toEqual([]);
  expect(found).toMatchObject({ code: 'image-tokens-unsaid', severity: 'warning' });
  expect(found?.message).toMatch(message);
  expect(found?.message).toMatch(/^processor_config\.json of m .*transformers 5\.23 .* fails at one/);
  expect(found?.remedy).toContain(
    spec === clip
      ? 'write patch_size 8, num_additional_image_tokens 1 and vision_feature_select_strategy "default" into it'
      : 'write patch_size 7, num_additional_image_tokens 0 and vision_feature_select_strategy "full" into it',
  );
});

test.each([
  ['CLIP', clip, [8, 1, 'default']],
  ['SigLIP', siglip, [7, 0, 'full']],
  ['SigLIP', siglip, [7, undefined, 'full']],
  ['SigLIP', siglip, [7, undefined, null]],
] as const)('that agrees is nothing to say: %s', (_, spec, values) => {
  expect(check(spec, ...values)).toEqual([]);
});

test.each([
  [clip, [8, 0, 'default'], '15 tokens'],
  [clip, [8, 1, 'full'], '17 tokens'],
  [clip, [16, undefined, 'default'], '3 tokens'],
  [siglip, [6, null, null], '25 tokens'],
  [siglip, [7, 3, 'full'], '19 tokens'],
] as const)('that disagrees is refused by its key', (spec, values, says) => {
  expect(() => check(spec, ...values)).toThrow(
    expect.objectContaining({
      code: 'mismatch',
      message: expect.stringContaining(
        `patch_size, with num_additional_image_tokens and vision_feature_select_strategy, gives ${says} an image`,
      ) as string,
      details: expect.objectContaining({ key: 'patch_size', value: says }) as object,
    }) as Error,
  );
});

test('that is no number is refused', () => {
  for (const [values, key] of [
    [[0, 1, 'default'], 'patch_size'],
    [[8, '1', 'default'], 'num_additional_image_tokens'],
  ] as const)
    expect(() => check(clip, ...values)).toThrow(`${key} must be a whole number`);
});
