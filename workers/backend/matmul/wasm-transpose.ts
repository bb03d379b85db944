/**
 * Matrix transposition on the WebAssembly heap, block by block. tfjs's own kernel strides through memory and
 * takes several times as long.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

/** Floats a side: source and target of a block stay in the first-level cache. */
const block = 16;

/** [batch, rows, columns] → a new tensor [batch, columns, rows] */
export function transposeLastTwo(backend: BackendWasm, x: TensorInfo): TensorInfo {
  const [batch = 1, rows = 1, columns = 1] = x.shape;
  const out = backend.makeOutput([batch, columns, rows], 'float32');
  // Views are taken after the allocation, which may have moved the heap.
  const from = backend.typedArrayFromHeap(x) as Float32Array;
  const to = backend.typedArrayFromHeap(out) as Float32Array;
  for (let matrix = 0; matrix < batch; matrix++)
    transposeMatrix(from, to, matrix * rows * columns, rows, columns);
  return out;
}

function transposeMatrix(
  from: Float32Array,
  to: Float32Array,
  start: number,
  rows: number,
  columns: number,
): void {
  for (let top = 0; top < rows; top += block) {
    const bottom = Math.min(top + block, rows);
    for (let left = 0; left < columns; left += block) {
      const right = Math.min(left + block, columns);
      for (let row = top; row < bottom; row++) {
        let target = start + left * rows + row;
        for (let source = start + row * columns + left; source < start + row * columns + right; source++) {
          to[target] = from[source]!;
          target += rows;
        }
      }
    }
  }
}
