/**
 * The wasm side of attention, over rows of sequences that follow one another without padding: no heads are
 * split off, no mask and no matrix of all scores is made, there or back.
 *
 * `spans` int32 [S, 4]: first query row, number of queries, first key row, number of keys; the queries are
 * the last positions of their sequence. Tables [positions, hd] as kernels/heads describes them, the queries'
 * one scaled by hd^−½.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { heapKernel, type HeapInputs } from '../../backend/heap/heap-kernel.ts';
import type { Heap } from '../../backend/heap/heap.ts';

interface Attributes {
  readonly [name: string]: number;
  readonly heads: number;
  readonly keyHeads: number;
  /** 1: no query reads a later position. */
  readonly causal: 0 | 1;
}

/**
 * q [·, H·hd], k and v [·, KV·hd], spans, queryCos, querySin, keyCos, keySin (or neither of the two: keys are
 * rotated already) → [·, H·hd].
 */
export const heapAttention = heapKernel<Attributes>('StudioAttention', (heap, inputs, attributes) => {
  const [q, k, v] = need(inputs, 'q', 'k', 'v');
  const out = heap.make([...q.shape]);
  const scratch = heap.scratch(set(heap, q, inputs, attributes));
  heap.run.attention(heap.at(q), heap.at(k), heap.at(v), heap.at(out), scratch);
  return out;
});

/** The same and dy [·, H·hd] → dq, dk, dv. Every row must belong to a sequence. */
export const heapAttentionGradient = heapKernel<Attributes>(
  'StudioAttentionGradient',
  (heap, inputs, attributes) => {
    const [q, k, v, dy] = need(inputs, 'q', 'k', 'v', 'dy');
    const [dq, dk, dv] = [heap.make([...q.shape]), heap.make([...k.shape]), heap.make([...v.shape])];
    const scratch = heap.scratch(set(heap, q, inputs, attributes));
    heap.run.attentionGradient(
      heap.at(q),
      heap.at(k),
      heap.at(v),
      heap.at(dy),
      heap.at(dq),
      heap.at(dk),
      heap.at(dv),
      scratch,
    );
    return [dq, dk, dv];
  },
);

/**
 * Writes new keys (rotated) and values, rows of the spans' queries, into the caches [·, KV·hd] at the last
 * places of each span's keys, in place, and returns nothing: the caches must be seen by nobody else.
 */
export const heapRemember = heapKernel<Attributes>('StudioRemember', (heap, inputs, attributes) => {
  const [k, v, keys, values] = need(inputs, 'k', 'v', 'cachedKeys', 'cachedValues');
  set(heap, k, inputs, { ...attributes, heads: attributes.keyHeads });
  heap.run.remember(heap.at(k), heap.at(v), heap.at(keys), heap.at(values));
  return [];
});

function need<N extends readonly string[]>(inputs: HeapInputs, ...names: N): { [I in keyof N]: TensorInfo } {
  return names.map((name) => inputs[name]) as unknown as { [I in keyof N]: TensorInfo };
}

/** Bytes of scratch. */
function set(heap: Heap, q: TensorInfo, inputs: HeapInputs, { heads, keyHeads, causal }: Attributes): number {
  const at = (name: string) => {
    const tensor = inputs[name];
    return tensor ? heap.at(tensor) : 0;
  };
  const width = (q.shape[1] ?? 0) / heads;
  return heap.run.setAttention(
    inputs['spans']?.shape[0] ?? 0,
    at('spans'),
    heads,
    keyHeads,
    width,
    causal,
    at('queryCos'),
    at('querySin'),
    at('keyCos'),
    at('keySin'),
  );
}
