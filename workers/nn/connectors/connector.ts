import type { Tensor2D } from '@tensorflow/tfjs-core';

/** From a tower's rows to the language model's: [N·T, width] of N tiles → [N·I, D], a tensor of its own. */
export type Connector = (rows: Tensor2D, count: number) => Tensor2D;
