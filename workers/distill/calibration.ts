/**
 * Calibration: unlabeled images and prompts become teaching items, by what a teacher answers greedily. This is
 * what all terms share; whom each asks what stands in `terms/<id>.ts`.
 */
import type { Prompter } from '../nn/contract.ts';
import { generateAll, type Asked } from './generate-all.ts';
import type { Taught } from './teaching.ts';

export interface Teacher extends Asked {
  readonly prompter: Prompter;
}

export interface CalibrationJob {
  readonly maxTokens: number;
  /** The number of token ids that teacher and student both know. */
  readonly vocabulary: number;
  /** Keep this many of a teacher's most probable tokens, the rest as one; null keeps all. */
  readonly teacherTopK: number | null;
  readonly onDone: (stage: string, done: number, total: number, unit?: 'items' | 'bytes') => void;
  readonly signal: AbortSignal;
}

export interface ImageQuestion {
  readonly image: number;
  readonly text: string;
}

/**
 * What can be taught of an answer. A generation that used all its tokens did not stop by itself, so its end
 * teaches nothing; nor does what follows an image token, which would stand for an image when it is read
 * again.
 */
export function teachable(answer: readonly number[], maxTokens: number, imageTokenId: number | null): Taught {
  const cut = imageTokenId === null ? -1 : answer.indexOf(imageTokenId);
  if (cut >= 0) return { answer: answer.slice(0, cut), positions: cut + 1 };
  return { answer, positions: answer.length < maxTokens ? answer.length + 1 : answer.length };
}

/** Greedy answers to prompts, in their order; `stage` is what progress calls it. */
export const answersOf = (
  teacher: Teacher,
  asked: Parameters<typeof generateAll>[1],
  stage: string,
  { maxTokens, onDone, signal }: Pick<CalibrationJob, 'maxTokens' | 'onDone' | 'signal'>,
): ReturnType<typeof generateAll> =>
  generateAll(teacher, asked, maxTokens, (done) => onDone(stage, done, asked.length), signal);

/** What a model without eyes is given instead of the image: its transcript, and then the question. */
export function textForm(transcript: string, question: string): string {
  return transcript + question;
}
