/**
 * What is chosen in the dialog, before it is used: files gathered from several picks, texts as they are
 * typed, and what they come to.
 */
import {
  answerTokens,
  byName,
  linesOf,
  longestText,
  mostQuestions,
  namedAsImage,
  perceptionQuestions,
} from '../../../core/calibration/own-images.ts';
import type { CalibrationSource } from '../../../protocol/session.ts';

export interface Picked {
  /** Path in the folder it was picked with, or the file's name. */
  readonly name: string;
  readonly file: File;
}

export interface CalibrationDraft {
  readonly images: readonly Picked[];
  /** One a line. */
  readonly questions: string;
  readonly traces: string;
  readonly maxAnswerTokens: number;
  readonly wholeImages: boolean;
}

export const emptyDraft: CalibrationDraft = {
  images: [],
  questions: perceptionQuestions.join('\n'),
  traces: '',
  maxAnswerTokens: answerTokens,
  wholeImages: true,
};

/**
 * A folder's files are images where they are named so; a file that was picked by itself is looked at whatever
 * it is called.
 */
export const ofFolder = (picked: readonly Picked[]): Picked[] =>
  picked.filter(({ name }) => namedAsImage(name));

/** Of `<input type=file>`; with `webkitdirectory` every path begins with the folder's own name. */
export function pickedOfInput(files: readonly File[]): Picked[] {
  const picked = files.map((file) => ({ name: file.webkitRelativePath || file.name, file }));
  return picked.some(({ file }) => file.webkitRelativePath) ? ofFolder(picked) : picked;
}

/**
 * Those that were there and new ones, in the order people list files; a file that was picked twice is one.
 */
export function withImages(before: readonly Picked[], more: readonly Picked[]): readonly Picked[] {
  const keyOf = ({ name, file }: Picked): string => `${name} ${file.size} ${file.lastModified}`;
  const known = new Set(before.map(keyOf));
  const fresh = more.filter((one) => !known.has(keyOf(one)) && known.add(keyOf(one)));
  return [...before, ...fresh].sort(byName);
}

/** What stands in the way of using it, in a sentence; null when nothing does. */
export function draftProblem({ images, questions, traces }: CalibrationDraft): string | null {
  const asked = linesOf(questions);
  if (images.length === 0) return 'Choose at least one image.';
  if (asked.length === 0) return 'Write at least one question.';
  if (asked.length > mostQuestions) return `At most ${mostQuestions} questions are asked about each image.`;
  if ([...asked, ...linesOf(traces)].some((line) => line.length > longestText))
    return `A line has at most ${longestText} characters.`;
  return null;
}

export function sourceOf({
  images,
  questions,
  traces,
  maxAnswerTokens,
  wholeImages,
}: CalibrationDraft): CalibrationSource {
  return { images, questions: linesOf(questions), traces: linesOf(traces), maxAnswerTokens, wholeImages };
}
