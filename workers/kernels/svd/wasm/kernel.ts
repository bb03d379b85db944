/** The functions that ../simd.ts calls. */
export { gemm, gemmScratchBytes } from './gemm';
export { scaleToFloat32 } from './narrow';
export { addRows, rowsTimesVector } from './panel';
export { rankOneEigen } from './rankOne';
export { symmetricTimesVector } from './symmetric';
export { axpy, dot } from './vector';
