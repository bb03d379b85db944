/**
 * The reference: TypeScript loops on ordinary arrays. It runs wherever 128-bit WebAssembly does not, and says
 * what simd.ts must give.
 */
import type { Arithmetic } from './arithmetic.ts';
import { gemm } from './gemm.ts';
import { scaleToFloat32 } from './narrow.ts';
import { addRows, rowsTimesVector } from './panel.ts';
import { rankOneEigen } from '../eigen/rank-one.ts';
import { gemmSingle } from './single.ts';
import { symmetricTimesVector } from './symmetric.ts';
import { axpy, dot } from './vector.ts';

export const plain: Arithmetic = {
  kind: 'plain',
  float64: (length) => new Float64Array(length),
  float32: (length) => new Float32Array(length),
  int32: (values) => Int32Array.from(values),
  float32Copy: (values) => values.slice(),
  scope: (work) => work(),
  gemm,
  gemmSingle,
  symmetricTimesVector,
  rowsTimesVector,
  addRows,
  dot,
  axpy,
  scaleToFloat32,
  rankOneEigen,
};
