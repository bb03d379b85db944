/** LLaVA: CLIP or SigLIP over one square, two linear layers. */
import type { LlavaSpec } from '../../../../core/family/llava/family.ts';
import { tiledEyes } from '../../vision/tiled-eyes.ts';
import type { DeviceFamily } from '../device-family.ts';
import { createSingle, isSingleKind } from './images.ts';
import { loadLlavaParts } from './parts.ts';

export const llava: DeviceFamily<LlavaSpec> = {
  processors: ['LlavaImageProcessor', 'CLIPImageProcessor', 'SiglipImageProcessor'],
  createPreprocessor(config, type, { tokensPerTile }) {
    const kind = type.replace(/ImageProcessor$/, '');
    if (!isSingleKind(kind)) throw new Error(`${type} is not one of LLaVA's image processors`);
    return createSingle(config, kind, tokensPerTile);
  },
  expansion: ({ tokensPerTile }, image) => ({
    words: [image],
    write: (layout) => image.repeat(layout?.tokens ?? tokensPerTile),
  }),
  async loadEyes(loader, spec) {
    const { tower, connector } = await loadLlavaParts(loader, spec);
    return tiledEyes(spec, tower, connector);
  },
};
