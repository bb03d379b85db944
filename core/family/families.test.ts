import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StudioError } from '../errors.ts';
import { readModelSpec } from './read-spec.ts';
import {
  llavaNames,
  newNames,
  internNames,
  qwenNames,
  newQwenNames,
  qwen,
  llava,
  oneVision,
  intern,
} from './testing/tensor-lists.ts';

describe('vision-language families', () => {
  it('are found under the names of published checkpoints and of those that newer versions write', () => {
    expect(readModelSpec(llava, llavaNames)).toMatchObject({
      kind: 'vlm',
      tokensPerTile: 576,
      names: {
        layers: 'language_model.model.layers.',
        head: 'language_model.lm_head.weight',
        vision: 'vision_tower.vision_model.',
        connector: 'multi_modal_projector.',
      },
    });
    expect(readModelSpec(oneVision, newNames)).toMatchObject({
      kind: 'vlm',
      tokensPerTile: 729,
      names: {
        layers: 'model.language_model.layers.',
        head: 'lm_head.weight',
        vision: 'model.vision_tower.',
        connector: 'model.multi_modal_projector.',
        newline: 'model.image_newline',
      },
    });
    expect(readModelSpec(intern, internNames)).toMatchObject({
      kind: 'vlm',
      tokensPerTile: 256,
      names: { vision: 'vision_tower.', connector: 'multi_modal_projector.' },
    });
  });

  it('of Qwen2-VL have their settings at the top or in text_config, their tensors under either names', () => {
    const published = { hidden_size: 3584, num_attention_heads: 28, num_key_value_heads: 4 };
    const rope_scaling = { type: 'mrope', mrope_section: [16, 24, 24] };
    expect(readModelSpec({ ...qwen, ...published, rope_scaling }, qwenNames)).toMatchObject({
      family: 'qwen2-vl',
      text: { hiddenSize: 3584, headDim: 128, rotary: { kind: 'sections', sections: [16, 24, 24] } },
      vision: { imageSize: 28, window: 4, fullBlocks: [7, 15, 23, 31] },
      names: { layers: 'model.layers.', vision: 'visual.', connector: 'visual.merger.' },
    });
    const inner = { model_type: 'qwen2_5_vl_text', ...published };
    expect(readModelSpec({ ...qwen, text_config: inner }, newQwenNames)).toMatchObject({
      family: 'qwen2-vl',
      names: { layers: 'model.language_model.layers.', vision: 'model.visual.' },
    });
  });

  it("take the tower's last norm only where transformers does", () => {
    const features = (config: Record<string, unknown>) => {
      const spec = readModelSpec({ ...intern, ...config }, internNames);
      return spec.kind === 'vlm' && spec.family === 'internvl' && spec.features;
    };
    expect(features({})).toMatchObject({ layers: [24], finalNorm: false });
    expect(features({ vision_config: { use_mean_pooling: false } })).toMatchObject({
      layers: [24],
      finalNorm: true,
    });
    // The same state, but taken before the norm.
    expect(features({ vision_feature_layer: 24, vision_config: { use_mean_pooling: false } })).toMatchObject({
      layers: [24],
      finalNorm: false,
    });
  });

  it.each<[string, Record<string, unknown>, readonly string[], RegExp]>([
    [
      'another language model',
      { ...llava, text_config: { model_type: 'mistral' } },
      llavaNames,
      /language model is of type mistral/,
    ],
    [
      'another tower',
      { ...llava, vision_config: { model_type: 'pixtral' } },
      llavaNames,
      /vision tower is of type pixtral/,
    ],
    [
      'another activation',
      { ...llava, projector_hidden_act: 'relu' },
      llavaNames,
      /activation relu \(projector_hidden_act\)/,
    ],
    [
      'images that are not square',
      { ...intern, vision_config: { image_size: [448, 224] } },
      internNames,
      /not square/,
    ],
    [
      'no projector',
      llava,
      llavaNames.filter((name) => !name.startsWith('multi')),
      /no tensor multi_modal_projector\.linear_1\.weight/,
    ],
    [
      'no tower',
      llava,
      llavaNames.filter((name) => !name.startsWith('vision')),
      /no tensor vision_tower\.vision_model\.embeddings/,
    ],
    [
      'no newline',
      oneVision,
      newNames.filter((name) => !name.endsWith('newline')),
      /no tensor image_newline/,
    ],
    [
      'a class token among tiles',
      { ...oneVision, vision_config: { model_type: 'clip_vision_model' } },
      newNames,
      /cannot be laid side by side/,
    ],
    [
      'another way of cutting',
      { ...oneVision, vision_aspect_ratio: 'anyres' },
      newNames,
      /vision_aspect_ratio anyres is not computed/,
    ],
    [
      'a class token in the square',
      { ...intern, vision_feature_select_strategy: 'full' },
      internNames,
      /form no square/,
    ],
    [
      'a ratio that does not divide',
      { ...intern, downsample_ratio: 0.3 },
      internNames,
      /downsample_ratio 0\.3/,
    ],
    [
      'several states in InternVL',
      { ...intern, vision_feature_layer: [-1, -2] },
      internNames,
      /several layers/,
    ],
    [
      'a tower and a language model of unlike widths',
      { ...qwen, hidden_size: 2048, num_attention_heads: 16, num_key_value_heads: 2 },
      qwenNames,
      /tower gives 3584 numbers a token, and its language model takes 2048/,
    ],
    [
      'a language model that is not Qwen2-VL’s',
      { ...qwen, text_config: { model_type: 'qwen3' } },
      qwenNames,
      /language model is of type qwen3/,
    ],
    [
      'scaled positions and M-RoPE',
      { ...qwen, hidden_size: 3584, rope_scaling: { type: 'yarn', factor: 4 } },
      qwenNames,
      /position scaling \(rope type yarn with M-RoPE\)/,
    ],
    [
      'no tower in Qwen2-VL',
      { ...qwen, hidden_size: 3584, num_attention_heads: 28, num_key_value_heads: 4 },
      qwenNames.filter((name) => !name.startsWith('visual')),
      /no tensor visual\.patch_embed\.proj\.weight/,
    ],
    [
      'Qwen3-VL',
      { architectures: ['Qwen3VLForConditionalGeneration'] },
      [],
      /cannot be run: .*DeepStack.*; it can still be decomposed, merged and exported/,
    ],
  ])('with %s are not run, and say why', (_, config, names, reason) => {
    const spec = readModelSpec(config, names);
    expect(spec.kind === 'unknown' && spec.reason).toMatch(reason);
  });

  it.each<[Record<string, unknown>, readonly string[], RegExp]>([
    [
      { ...llava, vision_feature_layer: 25 },
      llavaNames,
      /vision_feature_layer must be a whole number from -25 to 24 or a list of them, not 25/,
    ],
    [{ ...llava, vision_feature_layer: [] }, llavaNames, /vision_feature_layer/],
    [
      { ...llava, vision_feature_layer: 0 },
      llavaNames,
      /vision_feature_layer must be another layer, .*not 0/,
    ],
    [{ ...llava, vision_feature_layer: '-2' }, llavaNames, /vision_feature_layer/],
    [
      { ...llava, vision_feature_select_strategy: 'cls' },
      llavaNames,
      /must be "default" or "full", not "cls"/,
    ],
    [
      { ...llava, vision_config: { model_type: 'clip_vision_model', patch_size: 500 } },
      llavaNames,
      /patch_size must be at most image_size \(224\), not 500/,
    ],
    [
      { ...llava, vision_config: { model_type: 'clip_vision_model', hidden_size: 100 } },
      llavaNames,
      /hidden_size must be a multiple/,
    ],
    [{ ...llava, image_token_index: -1 }, llavaNames, /image_token_index/],
    [
      { ...oneVision, image_grid_pinpoints: [[384, 400]] },
      newNames,
      /image_grid_pinpoints must be sizes that are multiples of the tower's 384 pixels/,
    ],
    [
      { ...oneVision, image_grid_pinpoints: [[384]] },
      newNames,
      /image_grid_pinpoints must be a list of \[height, width\]/,
    ],
    [{ ...oneVision, image_grid_pinpoints: [] }, newNames, /image_grid_pinpoints/],
    [{ ...intern, vision_config: { image_size: [448, 'x'] } }, internNames, /vision_config\.image_size/],
    [
      { ...qwen, rope_scaling: { type: 'mrope', mrope_section: [16, 24] } },
      qwenNames,
      /mrope_section must be numbers whose sum is half of head_dim \(64\), not \[16,24\]/,
    ],
    [{ ...qwen, vision_config: { window_size: 20 } }, qwenNames, /window_size must be at least 28, not 20/],
    [
      { ...qwen, vision_config: { fullatt_block_indexes: [1.5] } },
      qwenNames,
      /fullatt_block_indexes must be a list of block numbers/,
    ],
    [{ ...intern, downsample_ratio: 0 }, internNames, /downsample_ratio must be a number/],
  ])('refuse %j, naming the field', (config, names, message) => {
    const read = () => readModelSpec(config, names);
    expect(read).toThrow(StudioError);
    expect(read).toThrow(message);
  });

  it('never throw anything else', () => {
    const keys = [
      'text_config',
      'vision_config',
      'vision_feature_layer',
      'image_token_index',
      'image_grid_pinpoints',
      'vision_aspect_ratio',
      'downsample_ratio',
      'projector_hidden_act',
      'tie_word_embeddings',
    ];
    const inner = fc.dictionary(
      fc.constantFrom(
        'model_type',
        'image_size',
        'patch_size',
        'hidden_size',
        'num_hidden_layers',
        'norm_type',
        'patch_size',
        'window_size',
        'fullatt_block_indexes',
        'mrope_section',
      ),
      fc.jsonValue(),
    );
    const architectures = fc.constantFrom(
      ...[llava, oneVision, intern, qwen].flatMap(({ architectures: [name] }) => name as string),
    );
    fc.assert(
      fc.property(
        architectures,
        fc.dictionary(fc.constantFrom(...keys), fc.oneof(fc.jsonValue(), inner)),
        (architecture, config) => {
          try {
            readModelSpec({ architectures: [architecture], ...config }, [
              ...llavaNames,
              ...internNames,
              ...qwenNames,
            ]);
          } catch (error) {
            expect(error).toBeInstanceOf(StudioError);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});
