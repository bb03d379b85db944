import { expect, test } from 'vitest';
import type { ImageFeatures } from './image-features.ts';
import { lessonMark } from './lesson-mark.ts';
import type { TeachingItem } from './teaching.ts';

const items: readonly TeachingItem[] = [
  {
    teacherPrompt: [1, 2],
    studentPrompt: [1, 2],
    teacherImage: 0,
    studentImage: 0,
    answer: [7, 8],
    positions: 3,
  },
  { teacherPrompt: [3], studentPrompt: [3, 4], teacherImage: 1, studentImage: 1, answer: [9], positions: 1 },
];
const layout = { width: 8, height: 6, rows: 0, columns: 0, tiles: 1, tokens: 2 };
const images = (seen: number, size = layout): ImageFeatures => ({
  count: 2,
  layout: (index) => (index === 0 ? layout : size),
  glimpse: (index) => Float32Array.of(index, index === 1 ? seen : 0),
  take: () => {
    throw new Error('nothing is uploaded for a mark');
  },
});
const change = (index: number, part: Partial<TeachingItem>): readonly TeachingItem[] =>
  items.map((item, i) => (i === index ? { ...item, ...part } : item));

test.each<[string, readonly TeachingItem[], ImageFeatures, 'prompts' | 'answers' | 'both']>([
  ['a prompt', change(1, { studentPrompt: [3, 5] }), images(0.5), 'prompts'],
  ['where one prompt ends', change(0, { studentPrompt: [1, 2, 1, 3] }), images(0.5), 'prompts'],
  ['which image a prompt is about', change(1, { studentImage: 0 }), images(0.5), 'prompts'],
  ['the size of an image', items, images(0.5, { ...layout, width: 9 }), 'prompts'],
  ['an answer', change(0, { answer: [7, 9] }), images(0.5), 'answers'],
  ['that an answer did not end', change(0, { positions: 2 }), images(0.5), 'answers'],
  ['what a transcript said', change(1, { teacherPrompt: [4] }), images(0.5), 'answers'],
  ['what is seen in an image, in its last bit', items, images(0.5 + 2 ** -24), 'answers'],
  ['one item more', [...items, ...items.slice(0, 1)], images(0.5), 'both'],
])('%s changes the hash that is of it', async (_, other, seen, changed) => {
  const before = await lessonMark('distill', items, images(0.5));
  const after = await lessonMark('distill', other, seen);
  expect(after.prompts !== before.prompts).toBe(changed !== 'answers');
  expect(after.answers !== before.answers).toBe(changed !== 'prompts');
});

test('the same lessons have the same mark, with images and without', async () => {
  expect(await lessonMark('distill', items, images(0.5))).toEqual(
    await lessonMark('distill', [...items], images(0.5)),
  );
  expect(await lessonMark('trace', items, null)).toMatchObject({ term: 'trace', items: 2 });
});
