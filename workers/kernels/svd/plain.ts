/**
 * The reference: TypeScript loops on ordinary arrays. It runs wherever 128-bit WebAssembly does not, and says what simd.ts must give.
 */
import type { Arithmetic } from './arithmetic.ts';
import { gemm } from './gemm.ts';
import { symmetricTimesVector } from './symmetric.ts';
import { axpy, axpy2, dot, poleSums, quotients, timesRatios } from './vector.ts';

export const plain: Arithmetic = {
  kind: 'plain',
  float64: (length) => new Float64Array(length),
  float32Copy: (values) => values.slice(),
  scope: (work) => work(),
  gemm,
  symmetricTimesVector,
  dot,
  axpy,
  axpy2,
  poleSums,
  timesRatios,
  quotients,
};
