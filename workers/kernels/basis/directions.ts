/**
 * The directions of each basis (core/gates/basis.ts): Q, float64 [rank, shorter side], one after another.
 */
import type { ThinSvd } from '../svd/contract.ts';
import { haar } from './haar.ts';
import { isOutputSide, shorterSide, type Shape } from './rebase.ts';

/** The neurons of the shorter side. */
export function neuronDirections(shape: Shape): Float64Array {
  const short = shorterSide(shape);
  const q = new Float64Array(short * short);
  for (let i = 0; i < short; i++) q[i * short + i] = 1;
  return q;
}

/** The singular vectors of another matrix of the same shape and full rank, on the shorter side, the strongest first. */
export function singularDirections({ u, vt }: ThinSvd, shape: Shape): Float64Array {
  if (!isOutputSide(shape)) return Float64Array.from(vt);
  return transposed(u, shape.rows, shape.rank);
}

/**
 * Random directions, decided by seed and name. Of a matrix of full rank they are uniform on the whole shorter side and
 * do not depend on the matrix; of one of lower rank, uniform within what its factors span there.
 */
export function* randomDirections(
  factors: ThinSvd,
  shape: Shape,
  seed: number,
  name: string,
): Generator<void, Float64Array> {
  const { rank } = shape;
  const turn = yield* haar(rank, seed, name);
  if (rank === shorterSide(shape)) return turn;
  const span = singularDirections(factors, shape);
  const short = shorterSide(shape);
  const q = new Float64Array(rank * short);
  for (let i = 0; i < rank; i++)
    for (let k = 0; k < rank; k++) {
      const factor = turn[i * rank + k]!;
      for (let j = 0; j < short; j++) q[i * short + j]! += factor * span[k * short + j]!;
    }
  return q;
}

function transposed(values: Float32Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = values[row * columns + column]!;
  return result;
}
