/**
 * By what a run that goes on later knows its lessons again: hashes of the prompts and of what the models made of
 * them. A run on other lessons would be another run, though nothing in it would look wrong.
 */
import type { TermId } from '../../core/objective/terms.ts';
import type { LessonMark } from '../../core/runs/run-checkpoint.ts';
import { sha256Hex } from '../io/hash.ts';
import type { ImageFeatures } from './image-features.ts';
import type { TeachingItem } from './teaching.ts';

/** @param images that the student sees; null where it sees none */
export async function lessonMark(
  term: TermId,
  items: readonly TeachingItem[],
  images: ImageFeatures | null,
): Promise<LessonMark> {
  const indices = Array.from({ length: images?.count ?? 0 }, (_, index) => index);
  const brought = [
    ...items.map(({ studentPrompt, studentImage }) => [studentImage ?? -1, ...studentPrompt]),
    ...indices.map((index) => layoutOf(images, index)),
  ];
  const made = items.flatMap(({ teacherPrompt, teacherImage, answer, positions }) => [
    [teacherImage ?? -1, ...teacherPrompt],
    [positions, ...answer],
  ]);
  const seen = indices.map((index) => images?.glimpse(index) ?? new Float32Array(0));
  return {
    term,
    items: items.length,
    prompts: await hashOf([inOne(brought)]),
    answers: await hashOf([inOne(made), ...seen]),
  };
}

function layoutOf(images: ImageFeatures | null, index: number): number[] {
  if (!images) return [];
  const { width, height, rows, columns, tiles, tokens } = images.layout(index);
  return [width, height, rows, columns, tiles, tokens];
}

/** Each list behind its length, so that no two sets of lists are the same numbers. */
function inOne(lists: readonly (readonly number[])[]): Int32Array {
  const all = new Int32Array(lists.reduce((sum, list) => sum + list.length + 1, 0));
  let at = 0;
  for (const list of lists) {
    all[at] = list.length;
    all.set(list, at + 1);
    at += list.length + 1;
  }
  return all;
}

function hashOf(parts: readonly (Int32Array | Float32Array)[]): Promise<string> {
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of parts) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return sha256Hex(bytes);
}
