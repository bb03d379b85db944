/** Each family's prompts and pixels against transformers' processors (zoo/reference/vlm). */
import { describe, expect, it } from 'vitest';
import { readVlm, rgba, vlmFamilies } from '../../test/vlm.ts';
import { loadPreprocessor } from './preprocess.ts';
import { loadPrompter } from './prompter.ts';

describe.each(vlmFamilies)('%s', async (name) => {
  const { checkpoint, spec, reference, arrays } = await readVlm(name);
  const prompter = await loadPrompter(checkpoint, spec);
  const preprocessor = await loadPreprocessor(checkpoint, spec);

  it.each(reference.cases.map((one, i) => [`${one.width} × ${one.height}`, one, i] as const))("prepares an image of %s as transformers' Pillow backend does, and asks about it in the same tokens", (_, one, i) => {
    const { pixels, layout } = preprocessor.preprocess(rgba(arrays(`image.${i}`)));
    expect(layout).toMatchObject({ width: one.width, height: one.height, tiles: one.tiles, tokens: one.tokens });
    const expected = arrays(`pixels.${i}`);
    expect([layout.tiles, preprocessor.channels, preprocessor.height, preprocessor.width]).toEqual(expected.shape);
    expect(pixels.length).toBe(expected.data.length);
    // A grey level is at least 1/255 / 0.5: nothing may be off by one.
    const worst = pixels.reduce((most, value, at) => Math.max(most, Math.abs(value - (expected.data[at] ?? Number.NaN))), 0);
    expect(worst).toBeLessThan(1e-6);
    expect(prompter.prompt(one.question, { images: 1, layout })).toEqual(one.ids);
    expect(prompter.decode(one.ids)).toBe(one.decoded);
  });

  it('asks without an image in the same tokens', () => {
    expect(prompter.prompt(reference.text.question, { images: 0 })).toEqual(reference.text.ids);
    expect(prompter.stopIds).toContain(reference.stopId);
  });
});
