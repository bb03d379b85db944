/** InternVL in transformers' layout: InternViT over tiles, pixel shuffle, norm, two linear layers. */
import type { InternVlSpec } from '../../../../core/family/internvl/family.ts';
import { patchGrid } from '../../../../core/family/vision/tower-shape.ts';
import { tiledEyes } from '../../vision/tiled-eyes.ts';
import type { DeviceFamily } from '../device-family.ts';
import { loadInternVlConnector } from './connector.ts';
import { createDynamicTiles } from './images.ts';
import { loadInternVit } from './tower.ts';

export const internVl: DeviceFamily<InternVlSpec> = {
  processors: ['GotOcr2ImageProcessor'],
  createPreprocessor: (config, _type, { tokensPerTile }) => createDynamicTiles(config, tokensPerTile),
  expansion({ tokensPerTile }, image, tokens) {
    const [start, end] = [tokens['start_image_token'] ?? '<img>', tokens['end_image_token'] ?? '</img>'];
    return {
      words: [image, start, end],
      write: (layout) => `${start}${image.repeat(layout?.tokens ?? tokensPerTile)}${end}`,
    };
  },
  async loadEyes(loader, spec) {
    const { names, vision, features, connector, text } = spec;
    const tower = await loadInternVit(loader, names.vision, vision, features);
    const projection = await loadInternVlConnector(loader, names.connector, {
      ...connector,
      width: vision.hiddenSize,
      textWidth: text.hiddenSize,
      side: patchGrid(vision),
    });
    return tiledEyes(spec, tower, projection);
  },
};
