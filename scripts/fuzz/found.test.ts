/** Inputs that fuzzing has found, each the smallest that shows its fault: all are refused, and say why. */
import { expect, test } from 'vitest';
import { StudioError } from '../../core/errors.ts';
import { UsageError } from '../../cli/usage.ts';
import type { Bytes } from './parser.ts';
import { parsers } from './parsers.ts';
import { asJson, encoded, jsonAt } from './seeds.ts';

type Json = Record<string, never>;

/** A sound file with one value changed. */
function changed(path: string, ...keysAndValue: readonly unknown[]): Bytes {
  const [value, ...keys] = keysAndValue.toReversed();
  const root = jsonAt<Json>(path);
  const holder = keys
    .slice(1)
    .reduceRight<Record<string, unknown>>((at, key) => at[key as string] as Json, root);
  holder[keys[0] as string] = value;
  // A number beyond float64 has no other way into JSON.
  return encoded(new TextDecoder().decode(asJson(root)).replaceAll('"1e39"', '1e39'));
}

const image = (...change: readonly unknown[]) =>
  changed('public/models/demo/vlm/processor_config.json', 'image_processor', ...change);
const token = (value: unknown) =>
  changed('zoo/reference/vlm/idefics3/tokenizer.json', 'model', 'vocab', 'Ġare', value);

test.each<readonly [parser: string, input: Bytes, message: RegExp]>([
  ['processor_config.json as in demo/vlm', image('image_mean', [1e39, 0, 0]), /image_mean must be/],
  ['processor_config.json as in demo/vlm', image('image_mean', [0, -3e38, 0]), /image_mean must be/],
  ['processor_config.json as in demo/vlm', image('image_std', [1, 1, 1e39]), /image_std must be/],
  ['tokenizer.json as in vlm/idefics3', token(277.25), /^The vocabulary in tokenizer\.json of m has /],
  ['tokenizer.json as in vlm/idefics3', token(-1), /^The vocabulary in tokenizer\.json of m has /],
  ['tokenizer.json as in vlm/idefics3', token('7'), /^The vocabulary in tokenizer\.json of m has /],
  [
    'a session as a browser stores it, put together',
    asJson({ gates: { '~value': { toString: { '~value': 1 } } } }),
    /lacks the value \{"toString"/,
  ],
  ['layers, kinds and sizes', encoded('9'.repeat(17)), /./],
  ['layers, kinds and sizes', encoded('9007199254740993TB'), /./],
])('%s', async (name, input, message) => {
  const row = parsers.find((one) => one.name === name);
  expect(row, name).toBeDefined();
  const thrown = await Promise.resolve()
    .then(() => row?.parse(input))
    .then(
      () => null,
      (error: unknown) => error,
    );
  expect(thrown instanceof StudioError || thrown instanceof UsageError, String(thrown)).toBe(true);
  expect((thrown as Error).message).toMatch(message);
});
