/**
 * Cloning a tensor costs nothing on tfjs's WebGPU backend and a copy on its WebAssembly backend (4.22), and
 * the tape clones whatever an operation keeps for the way back. Here a clone is one more reference to the
 * same memory, as tfjs's own Reshape does it on that backend.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { mendKernel } from './mend-kernel.ts';

export function mendWasmIdentity(): void {
  mendKernel('Identity', 'wasm', (stock) => (params) => {
    const x = params.inputs['x'] as TensorInfo;
    if (x.dtype === 'string') return stock.kernelFunc(params);
    (params.backend as BackendWasm).incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  });
}
