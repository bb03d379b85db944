/**
 * The wasm side of heads.ts: loops in JavaScript over the WebAssembly heap, one pass, no intermediate
 * tensors.
 */
import { getKernel, registerKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

/** x [B·T, H·hd], cos and sin or neither; attributes batch and heads → [B, H, T, hd] */
export const splitKernel = 'StudioSplitHeads';
/** x [B, H, T, hd], cos and sin or neither → [B·T, H·hd] */
export const joinKernel = 'StudioJoinHeads';

export function registerWasmHeads(): void {
  // tfjs's registry is global: another copy of this module may have been here before.
  if (getKernel(splitKernel, 'wasm')) return;
  registerKernel({
    kernelName: splitKernel,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { batch, heads } = attrs as unknown as { readonly batch: number; readonly heads: number };
      const x = inputs['x'] as TensorInfo;
      const [rows = 0, width = 0] = x.shape;
      const [columns, headWidth] = [rows / batch, width / heads];
      return run(
        backend as BackendWasm,
        x,
        inputs['cos'],
        inputs['sin'],
        [batch, heads, columns, headWidth],
        { batch, heads, columns, headWidth },
        true,
      );
    },
  });
  registerKernel({
    kernelName: joinKernel,
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend }) => {
      const x = inputs['x'] as TensorInfo;
      const [batch = 0, heads = 0, columns = 0, headWidth = 0] = x.shape;
      return run(
        backend as BackendWasm,
        x,
        inputs['cos'],
        inputs['sin'],
        [batch * columns, heads * headWidth],
        { batch, heads, columns, headWidth },
        false,
      );
    },
  });
}

interface Sizes {
  readonly batch: number;
  readonly heads: number;
  readonly columns: number;
  readonly headWidth: number;
}

function run(
  backend: BackendWasm,
  x: TensorInfo,
  cos: TensorInfo | undefined,
  sin: TensorInfo | undefined,
  outShape: number[],
  sizes: Sizes,
  splitting: boolean,
): TensorInfo {
  const out = backend.makeOutput(outShape, 'float32');
  // Views are taken after the allocation, which may have moved the heap.
  const view = (tensor: TensorInfo) => backend.typedArrayFromHeap(tensor) as Float32Array;
  if (cos && sin) moveRotated(view(x), view(out), view(cos), view(sin), cos.shape[0] === 1, sizes, splitting);
  else move(view(x), view(out), sizes, splitting);
  return out;
}

function move(
  from: Float32Array,
  to: Float32Array,
  { batch, heads, columns, headWidth }: Sizes,
  splitting: boolean,
): void {
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < columns; t++) {
      for (let h = 0; h < heads; h++) {
        const row = ((b * columns + t) * heads + h) * headWidth;
        const head = ((b * heads + h) * columns + t) * headWidth;
        const [source, target] = splitting ? [row, head] : [head, row];
        for (let i = 0; i < headWidth; i++) to[target + i] = from[source + i]!;
      }
    }
  }
}

function moveRotated(
  from: Float32Array,
  to: Float32Array,
  cos: Float32Array,
  sin: Float32Array,
  shared: boolean,
  sizes: Sizes,
  splitting: boolean,
): void {
  const { batch, heads, columns, headWidth } = sizes;
  const half = headWidth / 2;
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < columns; t++) {
      const table = ((shared ? 0 : b) * columns + t) * headWidth;
      for (let h = 0; h < heads; h++) {
        const row = ((b * columns + t) * heads + h) * headWidth;
        const head = ((b * heads + h) * columns + t) * headWidth;
        const [source, target] = splitting ? [row, head] : [head, row];
        for (let i = 0; i < half; i++) {
          const [low, high] = [from[source + i]!, from[source + half + i]!];
          const [sinLow, sinHigh] = [sin[table + i]!, sin[table + half + i]!];
          // Forward, each half takes its own sine; backward, the other's.
          to[target + i] = low * cos[table + i]! + high * (splitting ? sinLow : sinHigh);
          to[target + half + i] = high * cos[table + half + i]! + low * (splitting ? sinHigh : sinLow);
        }
      }
    }
  }
}
