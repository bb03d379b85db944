/**
 * x·Wᵀ with a packed W for up to eight rows, as generation has them: bound by reading W once, so no tiles. A
 * workgroup makes four columns of the result; its 64 threads go through a row of W side by side, a word each,
 * and add up what they have at the end, in a fixed order.
 *
 * Workgroup memory: 4 · R lines of 65 float32, at most 8.1 KiB (65 so that the threads that add them up read
 * different banks). One barrier.
 */
import type { WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import type { PackedFormat } from './contract.ts';
import { unpackSource } from './unpack.ts';

export const fewRows = 8;

const threads = 64;
const line = threads + 1;
const columnsEach = 4;
/** What WebGPU guarantees for each dimension of a dispatch. */
const mostGroups = 65535;

const uniforms = 'partRows : i32, columns : i32, wordsPerRow : i32, first : i32, ';

/** @param result [R, rows of the whole W], R ≤ fewRows */
export function fewRowsProgram(
  format: PackedFormat,
  result: readonly [number, number],
  partRows: number,
): WebGPUProgram {
  const [rows, width] = result;
  const groups = Math.ceil(partRows / columnsEach);
  return {
    variableNames: ['x', 'words'],
    uniforms,
    outputShape: [rows, width],
    workgroupSize: [threads, 1, 1],
    // Two dimensions, so that tfjs leaves the dispatch as it is.
    dispatchLayout: { x: [1], y: [0] },
    dispatch: [Math.min(groups, mostGroups), Math.ceil(groups / mostGroups), 1],
    shaderKey: `studioPackedFewRows_${format}_${rows}`,
    getUserCode: () => source(format, rows),
  };
}

const each = (count: number, code: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => code(i)).join('\n');

/**
 * Loops over rows and columns are written out: vectors are indexed by constants alone, which compilers keep
 * in registers.
 */
const source = (format: PackedFormat, rows: number) => `
${unpackSource[format]}

var<workgroup> shares : array<f32, ${columnsEach * rows * line}>;

fn main() {
  let lane = i32(localIndex);
  let firstColumn = i32(workgroupId.y * numWorkgroups.x + workgroupId.x) * ${columnsEach};
  let width = uniforms.columns;
  let perRow = uniforms.wordsPerRow;
  // Columns beyond the last one are computed as the last one, and not written.
  let lastRow = uniforms.partRows - 1;
  ${each(columnsEach, (j) => `let start${j} = min(firstColumn + ${j}, lastRow) * perRow;`)}

  ${each(rows, (r) => `var sums${r} = vec4<f32>(0.0);`)}
  for (var word = lane; word < perRow; word += ${threads}) {
    ${each(columnsEach, (j) => `let pair${j} = unpack(words[start${j} + word]);`)}
    let lower = vec4<f32>(pair0.x, pair1.x, pair2.x, pair3.x);
    let upper = vec4<f32>(pair0.y, pair1.y, pair2.y, pair3.y);
    let column = 2 * word;
    ${each(rows, (r) => `sums${r} = fma(vec4<f32>(x[${r} * width + column]), lower, sums${r});`)}
    // The last word of an odd row has one number: beside it begins the next row of x.
    if (column + 1 < width) {
      ${each(rows, (r) => `sums${r} = fma(vec4<f32>(x[${r} * width + column + 1]), upper, sums${r});`)}
    }
  }
  ${each(rows * columnsEach, (i) => `shares[${i * line} + lane] = sums${Math.floor(i / columnsEach)}.${'xyzw'[i % columnsEach]};`)}
  workgroupBarrier();
  let column = firstColumn + lane % ${columnsEach};
  if (lane < ${rows * columnsEach} && column < uniforms.partRows) {
    var sum = 0.0;
    for (var i = 0; i < ${threads}; i++) { sum += shares[lane * ${line} + i]; }
    result[lane / ${columnsEach} * uniforms.outShape[1] + uniforms.first + column] = sum;
  }
}`;
