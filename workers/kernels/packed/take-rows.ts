/** Rows of a packed W as float32: those that `ids` name, or all of a part. A thread writes one number. */
import type { WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import type { PackedFormat } from './contract.ts';
import { unpackSource } from './unpack.ts';

const threads = 64;
/** What WebGPU guarantees for each dimension of a dispatch. */
const mostGroups = 65535;

const uniforms = 'partRows : i32, columns : i32, wordsPerRow : i32, first : i32, ';

/**
 * @param result [P, columns] with `chosen`: rows of other parts are left as they are; else [rows, columns] of
 * the whole W
 * @param written rows of the result that this part may write
 */
export function takeRowsProgram(
  format: PackedFormat,
  chosen: boolean,
  result: readonly [number, number],
  written: number,
): WebGPUProgram {
  const [rows, columns] = result;
  const groups = Math.ceil((written * columns) / threads);
  return {
    variableNames: chosen ? ['words', 'ids'] : ['words'],
    uniforms,
    outputShape: [rows, columns],
    workgroupSize: [threads, 1, 1],
    // Two dimensions, so that tfjs leaves the dispatch as it is.
    dispatchLayout: { x: [1], y: [0] },
    dispatch: [Math.min(groups, mostGroups), Math.ceil(groups / mostGroups), 1],
    shaderKey: `studioPackedRows_${format}_${chosen ? 'chosen' : 'all'}`,
    getUserCode: () => source(format, chosen),
  };
}

const source = (format: PackedFormat, chosen: boolean) => `
${unpackSource[format]}

fn main() {
  let index = i32((workgroupId.y * numWorkgroups.x + workgroupId.x) * ${threads}u + localIndex);
  let place = index / uniforms.columns;
  let column = index % uniforms.columns;
  ${
    chosen
      ? `if (place >= uniforms.outShape[0]) { return; }
  let row = ids[place] - uniforms.first;
  let at = index;`
      : `let row = place;
  let at = uniforms.first * uniforms.columns + index;`
  }
  if (row < 0 || row >= uniforms.partRows) { return; }
  let pair = unpack(words[row * uniforms.wordsPerRow + column / 2]);
  result[at] = select(pair.x, pair.y, column % 2 == 1);
}`;
