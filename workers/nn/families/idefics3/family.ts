/** Idefics3 and SmolVLM: SigLIP over tiles, pixel shuffle, one linear layer. */
import type { Idefics3Spec } from '../../../../core/family/idefics3/family.ts';
import { patchGrid } from '../../../../core/family/vision/tower-shape.ts';
import { loadSiglip } from '../../vision/siglip.ts';
import { tiledEyes } from '../../vision/tiled-eyes.ts';
import type { DeviceFamily } from '../device-family.ts';
import { loadIdefics3Connector } from './connector.ts';
import { createIdefics3 } from './images.ts';

const aroundImage = '<fake_token_around_image>';
const wholeImage = '<global-img>';

export const idefics3: DeviceFamily<Idefics3Spec> = {
  processors: ['Idefics3ImageProcessor', 'SmolVLMImageProcessor'],
  createPreprocessor: (config, _type, { tokensPerTile }) => createIdefics3(config, tokensPerTile),
  expansion: ({ tokensPerTile }, image) => ({
    words: [image, aroundImage, wholeImage],
    write(layout) {
      const tile = image.repeat(tokensPerTile);
      const whole = `${aroundImage}${wholeImage}${tile}${aroundImage}`;
      const { rows, columns } = layout ?? { rows: 0, columns: 0 };
      const row = (r: number) =>
        Array.from({ length: columns }, (_, c) => `${aroundImage}<row_${r + 1}_col_${c + 1}>${tile}`).join(
          '',
        );
      return rows === 0
        ? whole
        : `${Array.from({ length: rows }, (_, r) => `${row(r)}\n`).join('')}\n${whole}`;
    },
  }),
  async loadEyes(loader, spec) {
    const { names, vision, features, text, connector } = spec;
    const tower = await loadSiglip(loader, names.vision, vision, features);
    const shape = { width: vision.hiddenSize, textWidth: text.hiddenSize, side: patchGrid(vision) };
    const projection = await loadIdefics3Connector(loader, names.connector, shape, connector.factor);
    return tiledEyes(spec, tower, projection);
  },
};
