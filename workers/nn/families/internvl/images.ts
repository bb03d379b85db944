/**
 * InternVL's image processor (GotOcr2ImageProcessor with `crop_to_patches`, which InternVLProcessor always
 * asks for): the grid of tiles whose aspect is nearest to the image's, the image stretched over it and cut,
 * and the whole image once more in one tile.
 */
import type { ConfigReader } from '../../../../core/family/config-reader.ts';
import type { ImagePreprocessor, Preprocess } from '../../contract.ts';
import { cutTiles } from '../../images/crop.ts';
import { resize } from '../../images/resample.ts';
import { toRgb, type Rgb8 } from '../../images/rgb.ts';
import {
  clipColours,
  mostTiles,
  normaliseTiles,
  readCommon,
  readSquare,
  refuse,
} from '../../images/settings.ts';

interface Grid {
  readonly rows: number;
  readonly columns: number;
}

export function createDynamicTiles(config: ConfigReader, tokensPerTile: number): ImagePreprocessor {
  const common = readCommon(config, {
    resample: 3,
    needs: ['min_patches', 'max_patches'],
    ...clipColours,
  });
  const tile = readSquare(config, 'size', 384) ?? refuse(config, 'size', 'height and width');
  const most = config.whole('max_patches', 12, [1, mostTiles - 1]);
  const fewest = config.whole('min_patches', 1, [1, most]);
  // Cutting gives tiles their size whether or not do_resize is set; an image that is one tile has only do_resize.
  if (most === 1 && !common.doResize) refuse(config, 'do_resize', 'do_resize where max_patches is 1');
  const prepare =
    (cuts: boolean): Preprocess =>
    (given) => {
      const image = toRgb(given);
      const { rows, columns } = cuts ? bestGrid(image, tile, fewest, most) : { rows: 1, columns: 1 };
      const tiles = cutTiles(resize(image, columns * tile, rows * tile, common.filter), tile);
      const isWhole = tiles.length === 1;
      if (!isWhole) tiles.push(resize(image, tile, tile, common.filter));
      const grid = isWhole ? { rows: 0, columns: 0 } : { rows, columns };
      return normaliseTiles(tiles, common, {
        width: image.width,
        height: image.height,
        ...grid,
        tiles: tiles.length,
        tokens: tiles.length * tokensPerTile,
      });
    };
  return {
    channels: 3,
    height: tile,
    width: tile,
    preprocess: prepare(most > 1),
    whole: most > 1 ? prepare(false) : null,
  };
}

/** `get_all_supported_aspect_ratios`: by number of tiles, then by columns. */
function gridsOf(fewest: number, most: number): readonly Grid[] {
  const grids: Grid[] = [];
  for (let columns = 1; columns <= most; columns++) {
    for (let rows = 1; rows * columns <= most; rows++)
      if (rows * columns >= fewest) grids.push({ rows, columns });
  }
  return grids.sort((a, b) => a.rows * a.columns - b.rows * b.columns);
}

/**
 * `get_optimal_tiled_canvas`: of grids of one aspect the one with more tiles, as long as the image has more
 * than half their pixels.
 */
export function bestGrid(
  { width, height }: Pick<Rgb8, 'width' | 'height'>,
  tile: number,
  fewest: number,
  most: number,
): Grid {
  let best: Grid = { rows: 1, columns: 1 };
  let leastOff = Infinity;
  for (const grid of gridsOf(fewest, most)) {
    const off = Math.abs(width / height - grid.columns / grid.rows);
    if (off < leastOff || (off === leastOff && width * height > 0.5 * tile * tile * grid.columns * grid.rows))
      best = grid;
    leastOff = Math.min(leastOff, off);
  }
  return best;
}
