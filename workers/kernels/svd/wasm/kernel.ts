/** The functions that ../arithmetic/simd.ts calls. */
import { gemmScratchBytes } from './gemm';
import { singleScratchBytes } from './single';

export { gemm } from './gemm';
export { scaleToFloat32 } from './narrow';
export { addRows, rowsTimesVector } from './panel';
export { rankOneEigen } from './rank-one';
export { gemmSingle } from './single';
export { symmetricTimesVector } from './symmetric';
export { axpy, dot } from './vector';

/** Bytes of scratch that the products share. */
export function scratchBytes(): i32 {
  return max(gemmScratchBytes, singleScratchBytes);
}
