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
  const scores = vision.reads === 'tile' ? 3 * heads * rows : 0;
  const bytes = 4 * rows * (scores + 4 * width + 3 * inner);
  const products = blocks * rows * (4 * width * width + 2 * width * inner + 2 * rows * width);
  return Math.max(1, Math.min(mostTiles, Math.floor(workBytes / bytes), Math.floor(workProducts / products)));
}

/** Numbers of a block's MLP that its activation makes on its way, the result included. */
const activationSteps = { gelu: 5, gelu_pytorch_tanh: 8, quick_gelu: 3, silu: 2 } as const;

/** Scores that a tower whose patches read the whole image holds at once: its queries come in pieces. */
export const towerScoresBytes = 2 ** 26;

/**
 * All that one block makes of one tile before it gives anything back, float32, scores apart: norms in parts,
 * each linear layer with and without its bias, heads split, turned and joined, and the activation in parts
 * (workers/nn/vision/block.ts); and the tile's patches.
 */
function tileBytes(vision: TowerShape): number {
  const { hiddenSize: width, intermediateSize: inner, channels, imageSize, gatedMlp } = vision;
  const made = activationSteps[vision.activation] + (gatedMlp ? 3 : 0);
  return 4 * (towerRows(vision) * (24 * width + (2 + made) * inner) + 2 * channels * imageSize ** 2);
}

/** What goes through the tower together holds at most so many bytes, of images of so many tiles each. */
export function encodingBytes(
  vision: TowerShape,
  blocks: number,
  imageTiles: number,
  images: number,
): number {
  const [tiles, rows] = [Math.max(1, imageTiles), towerRows(vision)];
  const together = Math.min(tilesAtOnce(vision, blocks), tiles * Math.max(1, images));
  if (vision.reads === 'tile') return together * (tileBytes(vision) + 4 * 2 * vision.heads * rows ** 2);
  const whole = Math.max(together, tiles);
  const scores = 4 * vision.heads * (tiles * rows) ** 2;
  return whole * tileBytes(vision) + 3 * Math.min(scores, towerScoresBytes);
}
