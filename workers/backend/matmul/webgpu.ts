/**
 * Mends matMul on tfjs 4.22's WebGPU backend.
 *
 * Its split-K program reads B four values at a time along N even when B is transposed, and then returns wrong
 * numbers without an error. tfjs picks that program when K ≥ 2000 and there are few output tiles; its own
 * backward pass (dA = dY·Bᵀ) gets there. For those calls the packed program, which is right, is asked for by
 * name.
 */
import { env, type KernelFunc } from '@tensorflow/tfjs-core';
import { mendKernel } from '../mend-kernel.ts';
import { matmulShape, type MatmulAttributes } from './shapes.ts';

/** From here on tfjs may choose split-K (its BatchMatMul_impl). */
const splitKFrom = 2000;
/** MatMulProgramType.MatMulPackedProgram. */
const packedProgram = 3;
const programFlag = 'WEBGPU_MATMUL_PROGRAM_TYPE';

export function mendWebgpuMatmul(): void {
  for (const kernelName of ['BatchMatMul', '_FusedMatMul'] as const)
    mendKernel(kernelName, 'webgpu', (own) => avoidingSplitK(own.kernelFunc));
}

function avoidingSplitK(stock: KernelFunc): KernelFunc {
  return (params) => {
    const attributes = params.attrs as unknown as MatmulAttributes;
    const { a, b } = params.inputs;
    const shape = a && b && attributes.transposeB ? matmulShape(a, b, attributes) : null;
    if (!shape || shape.k < splitKFrom) return stock(params);
    const asked = env().getNumber(programFlag);
    env().set(programFlag, packedProgram);
    try {
      return stock(params);
    } finally {
      env().set(programFlag, asked);
    }
  };
}
