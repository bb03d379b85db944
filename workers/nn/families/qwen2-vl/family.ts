/** Qwen2-VL and Qwen2.5-VL: an image at a size of its own, a tower over all of it, one token for 2 × 2 patches. */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../../../../core/errors.ts';
import type { Qwen2VlSpec } from '../../../../core/family/qwen2-vl/family.ts';
import { tilesAtOnce } from '../../../../core/memory/tower-work.ts';
import type { DeviceFamily } from '../device-family.ts';
import { createDynamicSize } from './images.ts';
import { loadQwen2VlTower } from './load-tower.ts';
import { runQwen2VlTower } from './tower.ts';

export const qwen2Vl: DeviceFamily<Qwen2VlSpec> = {
  processors: ['Qwen2VLImageProcessor'],
  createPreprocessor: (config, _type, { vision }) => createDynamicSize(config, vision),
  expansion: (_spec, image) => ({
    words: [image],
    refused: [{ word: '<|video_pad|>', what: 'videos' }],
    write(layout) {
      if (!layout)
        throw new StudioError(
          'internal',
          'The prompt of an image of any size was asked for without its size.',
        );
      return image.repeat(layout.tokens);
    },
  }),
  async loadEyes(loader, { names, vision, text }) {
    const tower = await loadQwen2VlTower(loader, names.vision, vision);
    const size = vision.channels * vision.imageSize ** 2;
    return {
      tokensPerTile: 1,
      wholeImages: true,
      tilesAtOnce: tilesAtOnce(vision, vision.layers),
      encode(pixels, count, images = []) {
        const tiles = images.reduce((sum, layout) => sum + layout.tiles, 0);
        if (tiles !== count || pixels.length !== count * size)
          throw new Error(`${count} tiles of ${images.length} images need ${tiles * size} values`);
        return tf.tidy(() => {
          let first = 0;
          const features = images.map((layout) => {
            const own = pixels.subarray(first * size, (first + layout.tiles) * size);
            first += layout.tiles;
            return runQwen2VlTower(own, layout, tower, vision);
          });
          return tf.reshape(tf.concat(features, 0), [count, 1, text.hiddenSize]);
        });
      },
      arrange: (tiles, layout) => tf.reshape(tiles, [layout.tokens, text.hiddenSize]),
    };
  },
};
