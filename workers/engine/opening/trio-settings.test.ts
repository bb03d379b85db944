import { expect, test } from 'vitest';
import { readVlm } from '../../../test/vlm.ts';
import { defaultOptions } from '../../../core/objective/options.ts';
import { trioSettings } from './trio-settings.ts';

const { spec } = await readVlm('smolvlm');
const none = {
  manifest: null,
  sets: { calibration: null, composed: null, perception: null, reasoning: null },
  traces: null,
};

test('a batch of answers of a large vocabulary is smaller: its logits are what fills the memory', () => {
  const batch = (vocabSize: number, maxAnswerTokens: number) => {
    const set = {
      items: [],
      scoring: 'exact',
      images: 0,
      tile: null,
      sheet: () => Promise.reject(new Error('none')),
    } as const;
    return trioSettings(
      none,
      { sharedTokens: true, spec: { ...spec, text: { ...spec.text, vocabSize } } },
      { set, largest: 0, traces: null, maxAnswerTokens, wholeImages: true },
    ).defaults.batchSize;
  };
  // SmolVLM-256M and LLaVA-OneVision-0.5B.
  expect([batch(49_280, 32), batch(152_000, 32), batch(152_000, 500)]).toEqual([
    defaultOptions.batchSize,
    2,
    1,
  ]);
});

test('models that cannot be run have the method’s own settings and nothing to calibrate on', () => {
  expect(trioSettings(none, null, null)).toMatchObject({
    calibrationItems: 0,
    secondTeacher: false,
    defaults: defaultOptions,
  });
});
