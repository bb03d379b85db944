/**
 * The eyes of families that cut an image into tiles of one size, each looked at by itself: tower, connector,
 * and how the features of an image's tiles follow one another.
 */
import * as tf from '@tensorflow/tfjs-core';
import { StudioError } from '../../../core/errors.ts';
import type { CommonVisionSpec } from '../../../core/family/descriptor.ts';
import type { FeatureSpec, VisionSpec } from '../../../core/family/vision/vision-spec.ts';
import { tilesAtOnce } from '../../../core/memory/tower-work.ts';
import type { Connector } from '../connectors/connector.ts';
import type { ImageLayout } from '../contract.ts';
import type { Eyes } from '../families/device-family.ts';
import { runTower, type TowerWeights } from './tower.ts';

interface TiledSpec extends CommonVisionSpec<string> {
  readonly vision: VisionSpec;
  readonly features: FeatureSpec;
}

/** @param arrange where the features of an image's tiles do not simply follow one another */
export function tiledEyes(
  { vision, features, tokensPerTile, text }: TiledSpec,
  tower: TowerWeights,
  connector: Connector,
  arrange?: (tiles: tf.Tensor3D, layout: ImageLayout) => tf.Tensor2D,
): Eyes {
  const size = vision.channels * vision.imageSize ** 2;
  return {
    tokensPerTile,
    wholeImages: false,
    tilesAtOnce: tilesAtOnce(vision, tower.blocks.length),
    encode(pixels, count) {
      if (pixels.length !== count * size)
        throw new StudioError(
          'unsupported',
          `The image processor makes tiles of ${pixels.length / count} numbers, and the vision tower takes ${size} (${vision.imageSize} × ${vision.imageSize} pixels): size or max_image_size in the settings of the image processor do not fit image_size in config.json.`,
          { details: { file: 'preprocessor_config.json', value: pixels.length / count } },
        );
      return tf.tidy(() =>
        tf.reshape(connector(runTower(pixels, count, tower, vision, features), count), [
          count,
          tokensPerTile,
          text.hiddenSize,
        ]),
      );
    },
    arrange:
      arrange ?? ((tiles, layout) => tf.reshape(tiles, [layout.tiles * tokensPerTile, text.hiddenSize])),
  };
}
