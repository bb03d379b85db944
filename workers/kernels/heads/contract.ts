/** What rotary position embedding multiplies the heads of a layer by. */
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** Shapes [B, 1, T, hd], or [1, 1, T, hd] for all rows alike. `sin` carries the sign of the exchange. */
export interface RotaryTable {
  readonly cos: Tensor4D;
  readonly sin: Tensor4D;
}
