/** LLaVA-OneVision: LLaVA over the tiles of an image of any shape, laid side by side again. */
import { StudioError } from '../../../../core/errors.ts';
import type { LlavaOneVisionSpec } from '../../../../core/family/llava-onevision/family.ts';
import { patchGrid } from '../../../../core/family/vision/tower-shape.ts';
import { tiledEyes } from '../../vision/tiled-eyes.ts';
import type { DeviceFamily } from '../device-family.ts';
import { loadLlavaParts } from '../llava/parts.ts';
import { createAnyResolution } from './images.ts';
import { packTiles } from './pack-tiles.ts';

export const llavaOneVision: DeviceFamily<LlavaOneVisionSpec> = {
  processors: ['LlavaOnevisionImageProcessor'],
  createPreprocessor: (config, _type, { anyResolution, vision }) =>
    createAnyResolution(config, anyResolution, patchGrid(vision)),
  expansion: (_spec, image) => ({
    words: [image],
    write(layout) {
      if (!layout)
        throw new StudioError(
          'internal',
          'The prompt of an image that is cut by its shape was asked for without its shape.',
        );
      return image.repeat(layout.tokens);
    },
  }),
  async loadEyes(loader, spec) {
    const { tower, connector } = await loadLlavaParts(loader, spec);
    const newline = await loader.rows(spec.names.newline, [spec.text.hiddenSize], 1);
    const side = patchGrid(spec.vision);
    return tiledEyes(spec, tower, connector, (tiles, layout) =>
      packTiles(tiles, newline, layout, side, spec.anyResolution.maxTiles),
    );
  },
};
