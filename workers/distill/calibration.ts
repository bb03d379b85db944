/**
 * Calibration: turns unlabeled images and prompts into teaching items. Every target is generated here,
 * greedily, by a teacher:
 *   distill   the VLM answers the question about the image;
 *   trace     the LRM answers the text prompt;
 *   composed  the VLM transcribes the image, the LRM answers the reasoning prompt on that transcript.
 */
import type { Prompter } from '../nn/contract.ts';
import { generateAll, type Asked } from './generate-all.ts';
import { promptAbout } from './image-features.ts';
import { composedItem } from './terms/composed.ts';
import { distillItem } from './terms/distill.ts';
import { traceItem } from './terms/trace.ts';
import type { Taught } from './teaching.ts';
import { teach, type TeachingSet } from './teaching-set.ts';

export interface Teacher extends Asked {
  readonly prompter: Prompter;
}

export interface CalibrationJob {
  readonly maxTokens: number;
  /** Of teacher and student together: the ids that both know. */
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
function teachable(answer: readonly number[], maxTokens: number, imageTokenId: number | null): Taught {
  const cut = imageTokenId === null ? -1 : answer.indexOf(imageTokenId);
  if (cut >= 0) return { answer: answer.slice(0, cut), positions: cut + 1 };
  return { answer, positions: answer.length < maxTokens ? answer.length + 1 : answer.length };
}

const counted =
  ({ onDone }: CalibrationJob, stage: string, total: number) =>
  (done: number) =>
    onDone(stage, done, total);

export async function calibrateDistill(
  vlm: Teacher,
  questions: readonly ImageQuestion[],
  job: CalibrationJob,
): Promise<TeachingSet> {
  const asked = questions.map(({ image, text }) => ({
    image,
    prompt: promptAbout(vlm.prompter, vlm.images, text, image),
  }));
  const answers = await generateAll(
    vlm,
    asked,
    job.maxTokens,
    counted(job, 'VLM answers', asked.length),
    job.signal,
  );
  const items = asked.map(({ image, prompt }, i) =>
    distillItem(prompt, image, teachable(answers[i] ?? [], job.maxTokens, vlm.imageTokenId)),
  );
  return teach(vlm, items, { ...job, onDone: counted(job, 'VLM distributions', items.length) });
}

export async function calibrateTrace(
  lrm: Teacher,
  vlmPrompter: Prompter,
  texts: readonly string[],
  job: CalibrationJob,
): Promise<TeachingSet> {
  const asked = texts.map((text) => ({ image: null, prompt: lrm.prompter.prompt(text, { images: 0 }) }));
  const answers = await generateAll(
    lrm,
    asked,
    job.maxTokens,
    counted(job, 'LRM answers', asked.length),
    job.signal,
  );
  const items = asked.map(({ prompt }, i) =>
    traceItem(
      prompt,
      vlmPrompter.prompt(texts[i] ?? '', { images: 0 }),
      teachable(answers[i] ?? [], job.maxTokens, vlmPrompter.imageTokenId),
    ),
  );
  return teach(lrm, items, { ...job, onDone: counted(job, 'LRM distributions', items.length) });
}

export async function calibrateComposed(
  vlm: Teacher,
  lrm: Teacher,
  questions: readonly ImageQuestion[],
  transcriptionPrompt: string,
  job: CalibrationJob,
): Promise<TeachingSet> {
  const seen = questions.map(({ image }) => ({
    image,
    prompt: promptAbout(vlm.prompter, vlm.images, transcriptionPrompt, image),
  }));
  const transcripts = await generateAll(
    vlm,
    seen,
    job.maxTokens,
    counted(job, 'VLM transcripts', seen.length),
    job.signal,
  );
  const asked = questions.map(({ text }, i) => ({
    image: null,
    prompt: lrm.prompter.prompt(textForm(vlm.prompter.decode(transcripts[i] ?? []), text), { images: 0 }),
  }));
  const answers = await generateAll(
    lrm,
    asked,
    job.maxTokens,
    counted(job, 'LRM answers', asked.length),
    job.signal,
  );
  const items = asked.map(({ prompt }, i) => {
    const { image, text } = questions[i] as ImageQuestion;
    return composedItem(
      prompt,
      promptAbout(vlm.prompter, vlm.images, text, image),
      image,
      teachable(answers[i] ?? [], job.maxTokens, vlm.imageTokenId),
    );
  });
  return teach(lrm, items, { ...job, onDone: counted(job, 'LRM distributions', items.length) });
}

/** What a model without eyes is given instead of the image: its transcript, and then the question. */
export function textForm(transcript: string, question: string): string {
  return transcript + question;
}
