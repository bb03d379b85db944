/** The RMS norm and its gradient by loops in float64: what the fused operation is held to. */
import type { Matrix } from '../../backend/reference.ts';

/** `x` and `dy` [R, D], `weight` [D] → y and dx, both [R·D]. */
export function plainRmsNorm(
  { rows, columns, data: x }: Matrix,
  weight: Float64Array,
  epsilon: number,
  dy: Float64Array,
): { readonly y: Float64Array; readonly dx: Float64Array } {
  const [y, dx] = [new Float64Array(x.length), new Float64Array(x.length)];
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    let [squares, projection] = [0, 0];
    for (let j = 0; j < columns; j++) {
      squares += x[at + j]! ** 2;
      projection += x[at + j]! * weight[j]! * dy[at + j]!;
    }
    const inverse = 1 / Math.sqrt(squares / columns + epsilon);
    for (let j = 0; j < columns; j++) {
      y[at + j] = x[at + j]! * inverse * weight[j]!;
      dx[at + j] = inverse * (dy[at + j]! * weight[j]! - (x[at + j]! * inverse ** 2 * projection) / columns);
    }
  }
  return { y, dx };
}
