/**
 * Programs of our own on tfjs's WebGPU backend as tfjs kernels, so that tensors, tidies and the tape know
 * them.
 */
import {
  engine,
  getBackend,
  getKernel,
  registerKernel,
  type NamedTensorMap,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { WebGPUBackend, WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import { StudioError } from '../../core/errors.ts';
import { requireFits } from './limits.ts';

export interface Gpu {
  /**
   * A new tensor [rows, columns] in float32, its content undefined; throws `memory` where the device cannot
   * hold it in one.
   */
  make(rows: number, columns: number): TensorInfo;
  /** Runs a program into `out`; `integers` in the order of its `uniforms`. */
  run(
    program: WebGPUProgram,
    inputs: readonly TensorInfo[],
    integers: readonly number[],
    out: TensorInfo,
  ): void;
}

export type GpuInputs = Readonly<Record<string, TensorInfo | undefined>>;
type Attributes = Readonly<Record<string, number | string>>;

/**
 * The operation, not differentiable by itself. Its caller has made sure that the backend in use is WebGPU.
 */
export function gpuKernel<A extends Attributes>(
  kernelName: string,
  work: (gpu: Gpu, inputs: GpuInputs, attributes: A) => TensorInfo,
): (inputs: NamedTensorMap, attributes: A) => Tensor {
  return (inputs, attributes) => {
    if (getBackend() !== 'webgpu') throw new StudioError('internal', `${kernelName} runs on WebGPU only.`);
    // tfjs's registry is global: another copy of this module may have been here before.
    if (!getKernel(kernelName, 'webgpu')) {
      registerKernel({
        kernelName,
        backendName: 'webgpu',
        kernelFunc: ({ inputs: given, attrs, backend }) =>
          work(gpuOf(backend as WebGPUBackend), given, attrs as unknown as A),
      });
    }
    return engine().runKernel(kernelName, inputs, { ...attributes }) as Tensor;
  };
}

function gpuOf(backend: WebGPUBackend): Gpu {
  return {
    make: (rows, columns) => {
      requireFits(
        4 * rows * columns,
        `A matrix of ${rows} × ${columns} numbers`,
        'Use smaller batches, or WebAssembly.',
      );
      return backend.makeTensorInfo([rows, columns], 'float32');
    },
    run: (program, inputs, integers, out) => {
      backend.runWebGPUProgram(
        program,
        [...inputs],
        'float32',
        integers.map((value) => ({ type: 'int32', data: [value] })),
        out,
      );
    },
  };
}
