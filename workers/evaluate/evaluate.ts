/** Measures weights on a perception and a reasoning set: greedy answers, scored by each set's own rule. */
import type { Evaluation, Score } from '../../protocol/engine.ts';
import type { ScoringRule } from '../../protocol/session.ts';
import type { Prompter } from '../nn/contract.ts';
import { generateAll, type Asked } from '../distill/generate-all.ts';
import { promptAbout, type ImageFeatures } from '../distill/image-features.ts';
import { isRight, wilsonScore } from './score.ts';

export interface ExamItem {
  readonly task: string;
  readonly image: number;
  readonly prompt: string;
  readonly answer: string;
}

export interface Exam {
  readonly items: readonly ExamItem[];
  readonly scoring: ScoringRule;
  readonly images: ImageFeatures;
}

export interface ExamJob {
  /** Items of each exam, from its start; null for all. */
  readonly limit: number | null;
  readonly maxTokens: number;
  readonly onDone: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

type Tally = Map<string, { correct: number; total: number }>;

export async function evaluate(
  student: Omit<Asked, 'images'> & { readonly prompter: Prompter },
  exams: { readonly perception: Exam; readonly reasoning: Exam },
  job: ExamJob,
): Promise<Evaluation> {
  const begunMs = performance.now();
  const chosen = (exam: Exam) => (job.limit === null ? exam.items : exam.items.slice(0, job.limit));
  const total = chosen(exams.perception).length + chosen(exams.reasoning).length;
  const byTask: Tally = new Map();

  const sit = async (exam: Exam, before: number): Promise<Score> => {
    const items = chosen(exam);
    const questions = items.map(({ prompt, image }) => ({
      image,
      prompt: promptAbout(student.prompter, exam.images, prompt, image),
    }));
    const answers = await generateAll(
      { ...student, images: exam.images },
      questions,
      job.maxTokens,
      (done) => job.onDone(before + done, total),
      job.signal,
    );
    let correct = 0;
    items.forEach(({ task, answer }, i) => {
      const right = isRight(student.prompter.decode(answers[i] ?? []), answer, exam.scoring) ? 1 : 0;
      const tally = byTask.get(task) ?? { correct: 0, total: 0 };
      byTask.set(task, { correct: tally.correct + right, total: tally.total + 1 });
      correct += right;
    });
    return wilsonScore(correct, items.length);
  };

  const perception = await sit(exams.perception, 0);
  const reasoning = await sit(exams.reasoning, perception.total);
  const scores = Object.fromEntries(
    [...byTask].map(([task, tally]) => [task, wilsonScore(tally.correct, tally.total)]),
  );
  return { perception, reasoning, byTask: scores, elapsedMs: performance.now() - begunMs };
}
