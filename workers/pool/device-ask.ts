/**
 * The engine's device as a worker uses it: a question to the engine and its answer, one at a time for each
 * request. Matrices are copied on their way, because both sides go on with them; answers are moved.
 */
import { fromPlainError, toPlainError } from '../../protocol/wire.ts';
import type { DeviceMatrix, DeviceVisits, LongSide } from '../kernels/svdgpu/visits.ts';
import type { SymmetricEigen } from '../kernels/svd/eigen/symmetric-eigen.ts';
import type { PlainError } from '../../protocol/events.ts';

export type DeviceQuestion =
  | { readonly visit: 'gram'; readonly matrix: DeviceMatrix }
  | { readonly visit: 'longSide'; readonly matrix: DeviceMatrix; readonly eigen: SymmetricEigen };

export type DeviceAnswer =
  | { readonly visit: 'gram'; readonly gram: Float64Array<ArrayBuffer> | null }
  | { readonly visit: 'longSide'; readonly long: LongSide }
  | { readonly visit: 'failed'; readonly error: PlainError };

/** Worker to engine; `id` is that of the request for which it is asked. */
export interface AskMessage {
  readonly id: number;
  readonly ask: DeviceQuestion;
}

/** Engine to worker. */
export interface AnswerMessage {
  readonly id: number;
  readonly answer: DeviceAnswer;
}

/** The engine's side. Never rejects. */
export async function answerOf(device: DeviceVisits | null, { id, ask }: AskMessage): Promise<AnswerMessage> {
  try {
    if (!device) throw new Error('The engine has no device.');
    if (ask.visit === 'gram') return { id, answer: { visit: 'gram', gram: await device.gram(ask.matrix) } };
    return { id, answer: { visit: 'longSide', long: await device.longSide(ask.matrix, ask.eigen) } };
  } catch (thrown) {
    return { id, answer: { visit: 'failed', error: toPlainError(thrown) } };
  }
}

export function buffersOfAnswer({ answer }: AnswerMessage): ArrayBuffer[] {
  if (answer.visit === 'gram') return answer.gram ? [answer.gram.buffer] : [];
  return answer.visit === 'longSide' ? [answer.long.rows.buffer as ArrayBuffer] : [];
}

/** The worker's side: the device of the engine that `send` reaches. */
export class AskedDevice {
  readonly #send: (message: AskMessage) => void;
  readonly #waiting = new Map<number, (answer: DeviceAnswer) => void>();

  constructor(send: (message: AskMessage) => void) {
    this.#send = send;
  }

  heard({ id, answer }: AnswerMessage): void {
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    resolve?.(answer);
  }

  /** As one request sees it. */
  visits(id: number): DeviceVisits {
    const ask = async (question: DeviceQuestion): Promise<DeviceAnswer> => {
      const answer = await new Promise<DeviceAnswer>((resolve) => {
        this.#waiting.set(id, resolve);
        this.#send({ id, ask: question });
      });
      if (answer.visit === 'failed') throw fromPlainError(answer.error);
      return answer;
    };
    return {
      gram: async (matrix) =>
        ((await ask({ visit: 'gram', matrix })) as DeviceAnswer & { visit: 'gram' }).gram,
      longSide: async (matrix, eigen) =>
        ((await ask({ visit: 'longSide', matrix, eigen })) as DeviceAnswer & { visit: 'longSide' }).long,
    };
  }
}
