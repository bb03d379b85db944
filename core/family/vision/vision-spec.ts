/** Towers that SigLIP, CLIP and InternViT have in common, and which of their states become features. */
import { towerRows, type TowerShape } from './tower-shape.ts';

/**
 * A vision transformer over the square patches of a square image, with a norm before each attention and MLP.
 * `siglip`: no class token (also Idefics3's and SmolVLM's tower). `clip`: a class token and a norm before the
 * first block. `internvit`: a class token, and a learned scale on what each attention and MLP adds.
 */
export interface VisionSpec extends TowerShape {
  readonly tower: 'siglip' | 'clip' | 'internvit';
  readonly layerNormEps: number;
  readonly norm: 'layer' | 'rms';
  /** Biases of q, k and v; the other linear layers always have theirs. */
  readonly attentionBias: boolean;
  /** RMSNorm over the whole width of queries and keys. */
  readonly queryKeyNorm: boolean;
  readonly learnedPositions: boolean;
}

/** Which of a tower's states become features. */
export interface FeatureSpec {
  /** States after that many blocks (0: before the first), laid side by side. */
  readonly layers: readonly number[];
  /** Through the tower's last norm. */
  readonly finalNorm: boolean;
  /**
   * Without the first row, which is CLIP's and InternViT's class token (and a patch where the tower is
   * SigLIP: transformers does the same).
   */
  readonly dropFirst: boolean;
}

/** Rows of features before the connector. */
export const featureRows = (tower: VisionSpec, { dropFirst }: FeatureSpec): number =>
  towerRows(tower) - (dropFirst ? 1 : 0);
