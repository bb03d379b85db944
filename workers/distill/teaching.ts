/**
 * What a teacher taught: prompts, the teacher's own greedy answers, and its distribution at every answer
 * position. No label is in here, and none can be: all targets are a teacher's output.
 */
import type { TokenBatch } from '../nn/contract.ts';

export type Taught = Pick<TeachingItem, 'answer' | 'positions'>;

export interface TeachingItem {
  readonly teacherPrompt: readonly number[];
  readonly studentPrompt: readonly number[];
  /** Index into the set's images, for prompts with image placeholders. */
  readonly teacherImage: number | null;
  readonly studentImage: number | null;
  /** Without the stop id. */
  readonly answer: readonly number[];
  /**
   * Positions that are compared: one for each answer token, and one for the stop if the teacher stopped by
   * itself.
   */
  readonly positions: number;
}

export interface Assembled {
  readonly batch: TokenBatch;
  /**
   * Flat positions (row · columns + column) whose logits predict the answer; padded with repeats to a
   * multiple of 32.
   */
  readonly positions: Int32Array;
  /** 1 for a real position, 0 for padding. */
  readonly weights: Float32Array;
}

/** Sizes come in steps, so that the GPU sees few shapes: each new one costs a pipeline and buffers. */
const columnStep = 4;
const positionStep = 32;
const roundUp = (value: number, step: number) => Math.ceil(value / step) * step;

/** Left-padded rows of prompt + answer, as one side sees them. */
export function assemble(items: readonly TeachingItem[], side: 'teacher' | 'student'): Assembled {
  const prompts = items.map((item) => (side === 'teacher' ? item.teacherPrompt : item.studentPrompt));
  const lengths = items.map((item, row) => (prompts[row]?.length ?? 0) + item.positions - 1);
  const columns = roundUp(Math.max(...lengths), columnStep);
  const total = items.reduce((sum, item) => sum + item.positions, 0);
  const ids = new Int32Array(items.length * columns);
  const padding = new Int32Array(items.length);
  const positions = new Int32Array(roundUp(total, positionStep));
  const weights = new Float32Array(positions.length);
  let at = 0;
  for (const [row, item] of items.entries()) {
    const prompt = prompts[row] ?? [];
    const start = columns - (lengths[row] ?? 0);
    padding[row] = start;
    ids.set(prompt, row * columns + start);
    ids.set(item.answer.slice(0, item.positions - 1), row * columns + start + prompt.length);
    for (let i = 0; i < item.positions; i++, at++) {
      positions[at] = row * columns + start + prompt.length - 1 + i;
      weights[at] = 1;
    }
  }
  positions.fill(positions[0] ?? 0, at);
  return { batch: { ids, rows: items.length, columns, padding }, positions, weights };
}
