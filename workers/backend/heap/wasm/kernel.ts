/**
 * The functions that ../heap.ts calls: the matrix product, and those of each fused operation (kernels/<operation>/wasm). All addresses are in tfjs's own memory, which this module imports; it
 * has no data of its own.
 */
export { gemm, gemmScratchBytes, tile } from './gemm';
export {
  attention,
  attentionGradient,
  remember,
  setAttention,
} from '../../../kernels/attention/wasm/attention';
export { rmsNorm, rmsNormGradient } from '../../../kernels/rms-norm/wasm/rms-norm';
export { swiglu, swigluGradient } from '../../../kernels/swiglu/wasm/swiglu';
export { divergence } from '../../../kernels/divergence/wasm/divergence';
export { gatherRows, scatterRows } from '../../../kernels/gather-rows/wasm/gather-rows';
export { columnDots } from '../../../kernels/low-rank/wasm/column-dots';
