/** Counting tensors, so that a test or a long job can tell that it gives back what it takes. */
import { memory } from '@tensorflow/tfjs-core';

/** Tensors that are alive now beyond those that were alive before `work`, what it returned included. */
export async function tensorsLeftBy(work: () => unknown): Promise<number> {
  const before = memory().numTensors;
  await work();
  return memory().numTensors - before;
}
