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
  perceptionQuestions,
  splitFolder,
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
 * What a pick brings. A folder's files are images where they are named so, and the others are named; a file that
 * was picked by itself is looked at whatever it is called.
 */
export interface Picking {
  readonly images: readonly Picked[];
  readonly leftOut: readonly string[];
}

/** Of `<input type=file>`; with `webkitdirectory` every path begins with the folder's own name. */
export function pickedOfInput(files: readonly File[]): Picking {
  const picked = files.map((file) => ({ name: file.webkitRelativePath || file.name, file }));
  return picked.some(({ file }) => file.webkitRelativePath)
    ? splitFolder(picked)
    : { images: picked, leftOut: [] };
}

/** Of a drop, in which files and folders may come together. @param dropped `folder` null: a file by itself */
export function pickedOfDrop(
  dropped: readonly { readonly path: string; readonly file: File; readonly folder: string | null }[],
): Picking {
  const alone = dropped.filter(({ folder }) => folder === null);
  const inFolders = dropped.flatMap(({ path, file, folder }) =>
    folder === null ? [] : [{ name: `${folder}/${path}`, file }],
  );
  const { images, leftOut } = splitFolder(inFolders);
  return { images: [...alone.map(({ path, file }) => ({ name: path, file })), ...images], leftOut };
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

/**
 * Is the draft what a run calibrates on already? Images are compared as files, for a name may stand twice.
 */
export function isInForce(draft: CalibrationDraft, source: CalibrationSource): boolean {
  const chosen = sourceOf(draft);
  const same = (a: readonly unknown[], b: readonly unknown[]): boolean =>
    a.length === b.length && a.every((value, i) => value === b[i]);
  return (
    same(
      chosen.images.map(({ file }) => file),
      source.images.map(({ file }) => file),
    ) &&
    same(chosen.questions, source.questions) &&
    same(chosen.traces, source.traces) &&
    chosen.maxAnswerTokens === source.maxAnswerTokens &&
    chosen.wholeImages === source.wholeImages
  );
}

/** The draft without the images that were refused, which were looked at in its order. */
export const withoutRefused = (
  images: readonly Picked[],
  refused: readonly { readonly index: number }[],
): readonly Picked[] => images.filter((_, i) => !refused.some(({ index }) => index === i));
