/**
 * x·Wᵀ and dy·W with a packed W, for any number of rows: a workgroup makes one tile of the result, its share
 * of W unpacked into workgroup memory.
 *
 *   result[i, o] = Σ_k left[i, k] · w(k, o)      w(k, o) = W[o, k] forwards, W[k, o] back
 *
 * 8 × 8 threads; a tile is 32 columns of the result by 32 rows, or by 8 where there are no more (then a
 * thread keeps 4 sums instead of 16). Per 32 steps of k, the workgroup reads 32 rows of left, 4 KiB, and a
 * block of 32 × 32 numbers of W, 2 KiB as stored, each of them once; two barriers. Workgroup memory: 2 · 32 ·
 * 33 float32 = 8.25 KiB. Lines are 33 long so that threads beside one another write and read different banks.
 *
 * W is read along its rows in both directions, so that threads beside one another read words beside one
 * another; only where a number is put down differs. Sums are made in float32, k ascending.
 */
import type { WebGPUProgram } from '@tensorflow/tfjs-backend-webgpu';
import type { PackedFormat } from './contract.ts';
import { unpackSource } from './unpack.ts';

const side = 32;
const line = side + 1;
const threads = 8;

/** Uniforms: one part of W. `first` is its first row; `sum` 1 where the result is to be added to. */
const uniforms = 'partRows : i32, columns : i32, wordsPerRow : i32, first : i32, sum : i32, ';

/** @param result [R, rows or columns of the whole W] */
export function tilesProgram(
  format: PackedFormat,
  back: boolean,
  result: readonly [number, number],
  outer: number,
): WebGPUProgram {
  const [rows, width] = result;
  const sums = rows <= threads ? 1 : 4;
  const tileRows = threads * sums;
  return {
    variableNames: ['left', 'words'],
    uniforms,
    outputShape: [rows, width],
    workgroupSize: [threads, threads, 1],
    dispatchLayout: { x: [1], y: [0] },
    dispatch: [Math.ceil(outer / side), Math.ceil(rows / tileRows), 1],
    shaderKey: `studioPackedTiles_${format}_${back ? 'back' : 'there'}_${sums}`,
    getUserCode: () => source(format, back, sums),
  };
}

const source = (format: PackedFormat, back: boolean, sums: number) => `
${unpackSource[format]}

var<workgroup> leftTile : array<f32, ${threads * sums * line}>;
var<workgroup> wTile : array<f32, ${side * line}>;

fn main() {
  let lane = i32(localIndex);
  let column = i32(localId.x);
  let row = i32(localId.y) * ${sums};
  let firstRow = i32(workgroupId.y) * ${threads * sums};
  let firstOuter = i32(workgroupId.x) * ${side};
  let leftShape = uniforms.leftShape;
  // k and o within this part of W.
  let inner = ${back ? 'uniforms.partRows' : 'uniforms.columns'};
  let outer = ${back ? 'uniforms.columns' : 'uniforms.partRows'};
  let leftOffset = ${back ? 'uniforms.first' : '0'};
  let outOffset = ${back ? '0' : 'uniforms.first'};

  var sums : array<vec4<f32>, ${sums}>;
  for (var i = 0; i < ${sums}; i++) { sums[i] = vec4<f32>(0.0); }

  for (var start = 0; start < inner; start += ${side}) {
    for (var i = lane; i < ${threads * sums * side}; i += ${threads * threads}) {
      let r = i / ${side};
      let k = i % ${side};
      var value = 0.0;
      if (firstRow + r < leftShape[0] && start + k < inner) {
        value = left[(firstRow + r) * leftShape[1] + leftOffset + start + k];
      }
      leftTile[r * ${line} + k] = value;
    }
    let blockRow = ${back ? 'start' : 'firstOuter'};
    let blockWord = ${back ? 'firstOuter' : 'start'} / 2;
    for (var i = lane; i < ${side * (side / 2)}; i += ${threads * threads}) {
      let r = i / ${side / 2};
      let word = i % ${side / 2};
      var pair = vec2<f32>(0.0);
      if (blockRow + r < uniforms.partRows && blockWord + word < uniforms.wordsPerRow) {
        pair = unpack(words[(blockRow + r) * uniforms.wordsPerRow + blockWord + word]);
      }
      ${
        back
          ? `wTile[r * ${line} + 2 * word] = pair.x;
      wTile[r * ${line} + 2 * word + 1] = pair.y;`
          : `wTile[2 * word * ${line} + r] = pair.x;
      wTile[(2 * word + 1) * ${line} + r] = pair.y;`
      }
    }
    workgroupBarrier();
    for (var k = 0; k < ${side}; k++) {
      let at = k * ${line} + column;
      let w = vec4<f32>(wTile[at], wTile[at + ${threads}], wTile[at + ${2 * threads}], wTile[at + ${3 * threads}]);
      for (var i = 0; i < ${sums}; i++) {
        sums[i] = fma(vec4<f32>(leftTile[(row + i) * ${line} + k]), w, sums[i]);
      }
    }
    workgroupBarrier();
  }

  for (var i = 0; i < ${sums}; i++) {
    for (var j = 0; j < 4; j++) {
      let o = firstOuter + column + ${threads} * j;
      if (firstRow + row + i < uniforms.outShape[0] && o < outer) {
        let at = (firstRow + row + i) * uniforms.outShape[1] + outOffset + o;
        result[at] = select(0.0, result[at], uniforms.sum == 1) + sums[i][j];
      }
    }
  }
}`;
