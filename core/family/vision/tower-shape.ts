/**
 * What every vision tower has that a person's memory and time depend on, whatever family it belongs to: a
 * transformer over square patches of square tiles.
 */
export type Activation = 'gelu' | 'gelu_pytorch_tanh' | 'quick_gelu' | 'silu';

export interface TowerShape {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly channels: number;
  /** Pixels a side of a tile. What is left over after whole patches is not looked at. */
  readonly imageSize: number;
  readonly patchSize: number;
  readonly activation: Activation;
  /** The MLP multiplies what is activated by a second projection (SwiGLU). */
  readonly gatedMlp: boolean;
  /** What a patch may read: its own tile, or the whole image, which then goes through in one piece. */
  readonly reads: 'tile' | 'image';
  /** A learned row before the patches of every tile. */
  readonly classToken: boolean;
}

/** Patches a side. */
export const patchGrid = ({ imageSize, patchSize }: Pick<TowerShape, 'imageSize' | 'patchSize'>): number =>
  Math.floor(imageSize / patchSize);

/** Rows that one tile gives the blocks: its patches, and the class token where there is one. */
export const towerRows = (tower: Pick<TowerShape, 'imageSize' | 'patchSize' | 'classToken'>): number =>
  patchGrid(tower) ** 2 + (tower.classToken ? 1 : 0);
