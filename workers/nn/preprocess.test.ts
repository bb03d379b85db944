import { describe, expect, it } from 'vitest';
import { readArrays, readCheckpoint } from '../../test/checkpoint.ts';
import { readJsonFixture } from '../../test/fixtures.ts';
import { createPreprocessor, loadPreprocessor } from './preprocess.ts';

interface Reference {
  readonly cases: readonly { readonly name: string; readonly width: number; readonly height: number; readonly config: Record<string, unknown> }[];
}

const folder = 'zoo/reference/nn/preprocess';
const { cases } = await readJsonFixture<Reference>(`${folder}/reference.json`);
const arrays = await readArrays(`${folder}/reference.safetensors`);

function rgba(rgb: ArrayLike<number>): Uint8ClampedArray {
  return Uint8ClampedArray.from({ length: (rgb.length / 3) * 4 }, (_, i) => (i % 4 === 3 ? 255 : (rgb[Math.floor(i / 4) * 3 + (i % 4)] ?? 0)));
}

describe('createPreprocessor', () => {
  for (const { name, width, height, config } of cases) {
    it(`gives what transformers' Pillow backend gives for ${name}`, () => {
      const preprocessor = createPreprocessor(config, name);
      const pixels = preprocessor.preprocess({ width, height, data: rgba(arrays(`${name}.image`).data) });
      const expected = arrays(`${name}.pixels`);
      expect([preprocessor.channels, preprocessor.height, preprocessor.width]).toEqual(expected.shape);
      expect(pixels.length).toBe(expected.data.length);
      // Far below one grey level, which is 1/255/std ≥ 0.007.
      const worst = pixels.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected.data[i] ?? Number.NaN))), 0);
      expect(worst).toBeLessThan(1e-5);
    });
  }

  it.each([
    ['resample', { resample: 3 }],
    ['image_processor_type', { image_processor_type: 'CLIPImageProcessor' }],
    ['max_image_size', { max_image_size: { longest_edge: 1e9 } }],
    ['image_std', { image_std: [1, 0, 1] }],
    ['image_mean', { image_mean: [1, 'x', 1] }],
  ])('refuses what it would prepare wrongly: %s', (key, config) => {
    expect(() => createPreprocessor(config, 'preprocessor_config.json')).toThrow(key);
  });

  it('refuses an image whose bytes do not fit its size', () => {
    const preprocessor = createPreprocessor(cases[0]!.config, 'x');
    expect(() => preprocessor.preprocess({ width: 2, height: 2, data: new Uint8Array(12) })).toThrow('16 bytes');
  });
});

describe('loadPreprocessor', () => {
  it("reads the demo's settings, and its boards pass through unresized", async () => {
    const reference = await readArrays('zoo/reference/nn/demo-vlm/reference.safetensors');
    const preprocessor = await loadPreprocessor(await readCheckpoint('public/models/demo/vlm'));
    const size = 64 * 64 * 3;
    for (let i = 0; i < 3; i++) {
      const pixels = preprocessor.preprocess({ width: 64, height: 64, data: rgba(reference('images').data.subarray(i * size, (i + 1) * size)) });
      const expected = reference('pixels').data.subarray(i * size, (i + 1) * size);
      expect(pixels.reduce((most, value, at) => Math.max(most, Math.abs(value - (expected[at] ?? Number.NaN))), 0)).toBeLessThan(1e-5);
    }
  });

  it('says which file is missing or broken', async () => {
    const demo = await readCheckpoint('public/models/demo/vlm');
    await expect(loadPreprocessor({ ...demo, readText: async () => null })).rejects.toMatchObject({ code: 'missing' });
    await expect(loadPreprocessor({ ...demo, readText: async () => '[' })).rejects.toMatchObject({ code: 'bad-file' });
  });
});
