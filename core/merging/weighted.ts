import { eachPiece } from './common-settings.ts';
import type { TensorSource } from './method.ts';

/** a W_v + b W_lrm; each product and the sum rounded to float32. */
export function weighted(
  source: TensorSource,
  a: number,
  b: number,
): AsyncGenerator<Float32Array<ArrayBuffer>, void, undefined> {
  const [p, q] = [Math.fround(a), Math.fround(b)];
  return eachPiece(source.pieces(), ({ vlm, lrm }) => {
    for (let i = 0; i < vlm.length; i++)
      vlm[i] = Math.fround(p * (vlm[i] as number)) + Math.fround(q * (lrm[i] as number));
    return vlm;
  });
}
