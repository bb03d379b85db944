/**
 * The functions that ../heap.ts calls. All addresses are in tfjs's own memory, which this module imports; it
 * has no data of its own.
 */
export { gemm, gemmScratchBytes, tile } from './gemm';
export { attention, attentionGradient, remember, setAttention } from './attention';
export { rmsNorm, rmsNormGradient } from './norm';
export { swiglu, swigluGradient } from './swiglu';
export { divergence } from './divergence';
export { columnDots, gatherRows, scatterRows } from './rows';
