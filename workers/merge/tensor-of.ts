/** A tensor by the checkpoint that holds it and its full name there. */
import type { Checkpoint } from '../io/contract.ts';

export interface TensorOf {
  readonly checkpoint: Checkpoint;
  readonly tensor: string;
}
