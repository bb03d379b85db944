/**
 * What image processors refuse: settings that would be prepared wrongly or fill the memory, with file and
 * field.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StudioError } from '../../../core/errors.ts';
import { readVlm } from '../../../test/vlm.ts';
import { createPreprocessor } from '../preprocess.ts';
import { resize } from './resample.ts';
import { toRgb } from './rgb.ts';

const specs = {
  idefics3: (await readVlm('idefics3')).spec,
  llava: (await readVlm('llava-clip')).spec,
  'llava-onevision': (await readVlm('llava-onevision')).spec,
  internvl: (await readVlm('internvl-qwen2')).spec,
};
const oneVision = specs['llava-onevision'];
const pinpoints = oneVision.family === 'llava-onevision' ? oneVision.anyResolution.sizes : [];

describe('createPreprocessor', () => {
  it.each<[keyof typeof specs, Record<string, unknown>, RegExp]>([
    [
      'llava',
      { image_processor_type: 'PixtralImageProcessor' },
      /image_processor_type is "PixtralImageProcessor".*for LLaVA only/,
    ],
    ['llava', { image_processor_type: 'CLIPImageProcessor', resample: 0 }, /resample is 0/],
    [
      'llava',
      { image_processor_type: 'CLIPImageProcessor', resample: 3.5 },
      /resample must be a whole number/,
    ],
    [
      'llava',
      { image_processor_type: 'CLIPImageProcessor', do_center_crop: false, size: { shortest_edge: 32 } },
      /size is \{"shortest_edge":32\}.*squares of one size/,
    ],
    [
      'llava',
      { image_processor_type: 'CLIPImageProcessor', crop_size: { height: 32, width: 40 } },
      /crop_size is .* square sizes/,
    ],
    [
      'llava',
      { image_processor_type: 'SiglipImageProcessor', size: { height: 32 } },
      /size\.width must be a whole number/,
    ],
    [
      'llava',
      { image_processor_type: 'SiglipImageProcessor', size: { height: 1e9, width: 1e9 } },
      /size\.height must be a whole number from 1 to 4096/,
    ],
    [
      'llava',
      { image_processor_type: 'LlavaImageProcessor', image_mean: [0, 'x', 0] },
      /image_mean must be three numbers/,
    ],
    [
      'llava',
      { image_processor_type: 'LlavaImageProcessor', image_std: [1, 0, 1] },
      /image_std must be numbers above 0/,
    ],
    [
      'llava',
      { image_processor_type: 'LlavaImageProcessor', image_std: [1, 1e-30, 1] },
      /image_std must be numbers above 0, of at least 0\.0001/,
    ],
    [
      'llava',
      { image_processor_type: 'LlavaImageProcessor', rescale_factor: '1/255' },
      /rescale_factor must be a number/,
    ],
    ['idefics3', { size: { longest_edge: 4096 }, max_image_size: { longest_edge: 64 } }, /at most 128 tiles/],
    [
      'idefics3',
      { image_processor_type: 'CLIPImageProcessor' },
      /Idefics3ImageProcessor, SmolVLMImageProcessor for Idefics3/,
    ],
    ['idefics3', { do_image_splitting: 'yes' }, /do_image_splitting must be true or false/],
    [
      'llava-onevision',
      { image_processor_type: 'LlavaNextImageProcessor' },
      /LlavaOnevisionImageProcessor for LLaVA-OneVision/,
    ],
    [
      'llava-onevision',
      { size: { height: 30, width: 30 }, image_grid_pinpoints: [[30, 30]] },
      /different image_grid_pinpoints/,
    ],
    [
      'llava-onevision',
      {
        size: { height: 30, width: 30 },
        image_grid_pinpoints: pinpoints,
        crop_size: { height: 20, width: 20 },
      },
      /crop_size is/,
    ],
    [
      'llava-onevision',
      { size: { height: 2, width: 2 }, image_grid_pinpoints: pinpoints },
      /fewer than 128 tiles/,
    ],
    ['internvl', { size: { shortest_edge: 24 } }, /size is .* height and width/],
    ['internvl', { max_patches: 1e6 }, /max_patches must be a whole number from 1 to 127/],
    ['internvl', { min_patches: 5, max_patches: 3 }, /min_patches must be a whole number from 1 to 3/],
  ])('of %s refuses %j', (family, config, message) => {
    const create = () => createPreprocessor(config, specs[family], 'preprocessor_config.json of m');
    expect(create).toThrow(StudioError);
    expect(create).toThrow(message);
    expect(create).toThrow('preprocessor_config.json of m');
  });

  it('never throws anything else', () => {
    const keys = [
      'image_processor_type',
      'size',
      'crop_size',
      'max_image_size',
      'resample',
      'image_mean',
      'rescale_factor',
      'do_center_crop',
      'image_grid_pinpoints',
      'max_patches',
      'min_patches',
    ];
    const size = fc.dictionary(
      fc.constantFrom('height', 'width', 'shortest_edge', 'longest_edge'),
      fc.oneof(fc.integer({ min: -1, max: 5000 }), fc.jsonValue()),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(specs) as (keyof typeof specs)[])),
        fc.dictionary(fc.constantFrom(...keys), fc.oneof(fc.jsonValue(), size)),
        (family, config) => {
          try {
            createPreprocessor(config, specs[family], 'x');
          } catch (error) {
            expect(error).toBeInstanceOf(StudioError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('resize', () => {
  it('leaves a plain colour plain, whatever the filter and size', () => {
    const plain = { width: 7, height: 9, data: new Uint8Array(7 * 9 * 3).fill(201) };
    for (const filter of ['bilinear', 'bicubic', 'lanczos'] as const) {
      for (const [width, height] of [
        [1, 1],
        [3, 40],
        [70, 2],
        [7, 9],
      ] as const)
        expect(new Set(resize(plain, width, height, filter).data)).toEqual(new Set([201]));
    }
  });
});

describe('toRgb', () => {
  it('lays transparency on white', () => {
    const image = { width: 3, height: 1, data: Uint8Array.of(10, 20, 30, 255, 10, 20, 30, 0, 0, 0, 0, 128) };
    expect([...toRgb(image).data]).toEqual([10, 20, 30, 255, 255, 255, 127, 127, 127]);
  });

  it('refuses bytes that do not fit the size', () => {
    expect(() => toRgb({ width: 2, height: 2, data: new Uint8Array(12) })).toThrow('16 bytes');
  });
});
