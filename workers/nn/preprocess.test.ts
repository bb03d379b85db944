import { describe, expect, it } from 'vitest';
import { readArrays, readCheckpoint } from '../../test/checkpoint.ts';
import { readJsonFixture } from '../../test/fixtures.ts';
import { readVlm, rgba } from '../../test/vlm.ts';
import { readModelSpec } from '../../core/family/read-spec.ts';
import { createPreprocessor, loadPreprocessor } from './preprocess.ts';

interface Reference {
  readonly cases: readonly {
    readonly name: string;
    readonly width: number;
    readonly height: number;
    readonly config: Record<string, unknown>;
  }[];
}

const folder = 'zoo/reference/nn/preprocess';
const { cases } = await readJsonFixture<Reference>(`${folder}/reference.json`);
const arrays = await readArrays(`${folder}/reference.safetensors`);

const { spec: eyes } = await readVlm('idefics3');

describe('createPreprocessor', () => {
  for (const { name, width, height, config } of cases) {
    it(`gives what transformers' Pillow backend gives without splitting for ${name}`, () => {
      const preprocessor = createPreprocessor(config, eyes, name);
      const { pixels, layout } = preprocessor.preprocess(rgba(arrays(`${name}.image`)));
      const expected = arrays(`${name}.pixels`);
      expect([preprocessor.channels, preprocessor.height, preprocessor.width]).toEqual(expected.shape);
      expect(layout).toEqual({ width, height, rows: 0, columns: 0, tiles: 1, tokens: eyes.tokensPerTile });
      expect(pixels.length).toBe(expected.data.length);
      const worst = pixels.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - (expected.data[i] ?? Number.NaN))),
        0,
      );
      expect(worst).toBe(0);
    });
  }

  it.each([
    ['resample', { resample: 0 }],
    ['image_processor_type', { image_processor_type: 'CLIPImageProcessor' }],
    ['max_image_size', { max_image_size: { longest_edge: 1e9 } }],
    ['image_std', { image_std: [1, 0, 1] }],
    ['image_mean', { image_mean: [1, 'x', 1] }],
  ])('refuses what it would prepare wrongly: %s', (key, config) => {
    expect(() => createPreprocessor(config, eyes, 'preprocessor_config.json')).toThrow(key);
  });

  it('refuses an image whose bytes do not fit its size', () => {
    const preprocessor = createPreprocessor(cases[0]!.config, eyes, 'x');
    expect(() => preprocessor.preprocess({ width: 2, height: 2, data: new Uint8Array(12) })).toThrow(
      '16 bytes',
    );
  });
});

describe('loadPreprocessor', () => {
  const demo = async () => {
    const checkpoint = await readCheckpoint('public/models/demo/vlm');
    const spec = readModelSpec(checkpoint.config, checkpoint.tensors.keys());
    if (spec.kind !== 'vlm') throw new Error(spec.kind);
    return { checkpoint, spec };
  };

  it("reads the demo's settings, and its boards pass through unresized", async () => {
    const reference = await readArrays('zoo/reference/nn/demo-vlm/reference.safetensors');
    const { checkpoint, spec } = await demo();
    const preprocessor = await loadPreprocessor(checkpoint, spec);
    const size = 64 * 64 * 3;
    for (let i = 0; i < 3; i++) {
      const { pixels } = preprocessor.preprocess(
        rgba({ shape: [64, 64, 3], data: reference('images').data.subarray(i * size, (i + 1) * size) }),
      );
      const expected = reference('pixels').data.subarray(i * size, (i + 1) * size);
      expect(
        pixels.reduce((most, value, at) => Math.max(most, Math.abs(value - (expected[at] ?? Number.NaN))), 0),
      ).toBeLessThan(1e-6);
    }
  });

  it('takes the nested processor of processor_config.json before the one beside it', async () => {
    const { checkpoint, spec } = await demo();
    const files: Record<string, unknown> = {
      'processor_config.json': {
        image_processor: { do_image_splitting: false, max_image_size: { longest_edge: 20 } },
      },
      'preprocessor_config.json': { do_image_splitting: false, max_image_size: { longest_edge: 30 } },
    };
    const load = (names: readonly string[]) =>
      loadPreprocessor(
        {
          ...checkpoint,
          readText: async (path) => (names.includes(path) ? JSON.stringify(files[path]) : null),
        },
        spec,
      );
    expect((await load(Object.keys(files))).width).toBe(20);
    expect((await load(['preprocessor_config.json'])).width).toBe(30);
    await expect(load([])).rejects.toMatchObject({ code: 'missing' });
  });

  it('says which file is broken', async () => {
    const { checkpoint, spec } = await demo();
    await expect(loadPreprocessor({ ...checkpoint, readText: async () => '[' }, spec)).rejects.toMatchObject({
      code: 'bad-file',
    });
  });
});
