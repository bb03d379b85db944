/** How many tiles go through a vision tower at once, and what they take there. */
import { towerRows, type TowerShape } from '../family/vision/tower-shape.ts';

/**
 * Bounds on what goes through at once: bytes; multiplications, about a second's on one core; and a number.
 */
const workBytes = 256 * 2 ** 20;
const workProducts = 1e10;
const mostTiles = 32;

export function tilesAtOnce(vision: TowerShape, blocks: number): number {
  const { heads, hiddenSize: width, intermediateSize: inner } = vision;
  const rows = towerRows(vision);
  const bytes = 4 * rows * (3 * heads * rows + 4 * width + 3 * inner);
  const products = blocks * rows * (4 * width * width + 2 * width * inner + 2 * rows * width);
  return Math.max(1, Math.min(mostTiles, Math.floor(workBytes / bytes), Math.floor(workProducts / products)));
}

/** Numbers of a block's MLP that its activation makes on its way, the result included. */
const activationSteps = { gelu: 5, gelu_pytorch_tanh: 8, quick_gelu: 3 } as const;

/**
 * All that one block makes of one tile before it gives anything back, float32: norms in parts, each linear
 * layer with and without its bias, heads split, turned and joined, scores and probabilities, and the
 * activation in parts (workers/nn/vision/block.ts); and the tile's patches.
 */
export function tileBytes(vision: TowerShape): number {
  const { heads, hiddenSize: width, intermediateSize: inner, channels, imageSize } = vision;
  const rows = towerRows(vision);
  return (
    4 *
    (rows * (24 * width + (2 + activationSteps[vision.activation]) * inner + 2 * heads * rows) +
      2 * channels * imageSize ** 2)
  );
}
