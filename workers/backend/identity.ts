/**
 * Cloning a tensor costs nothing on tfjs's WebGPU backend and a copy on its WebAssembly backend (4.22), and
 * the tape clones whatever an operation keeps for the way back. Here a clone is one more reference to the
 * same memory, as tfjs's own Reshape does it on that backend.
 */
import { getKernel, registerKernel, unregisterKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

let mended = false;

export function mendWasmIdentity(): void {
  if (mended) return;
  mended = true;
  const stock = getKernel('Identity', 'wasm');
  unregisterKernel('Identity', 'wasm');
  registerKernel({
    ...stock,
    kernelFunc: (params) => {
      const x = params.inputs['x'] as TensorInfo;
      if (x.dtype === 'string') return stock.kernelFunc(params);
      (params.backend as BackendWasm).incRef(x.dataId);
      return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
    },
  });
}
