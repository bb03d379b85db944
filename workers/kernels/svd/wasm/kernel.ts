/** The functions that ../simd.ts calls. */
export { gemm, gemmScratchBytes } from './gemm';
export { symmetricTimesVector } from './symmetric';
export { axpy, axpy2, dot, poleSums, quotients, timesRatios } from './vector';
