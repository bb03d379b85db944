import { expect, test } from 'vitest';
import { byName, linesOf, namedAsImage, perceptionQuestions } from './own-images.ts';

test('a text is a list of its lines, without empty ones and repetitions', () => {
  expect(linesOf(' What is this?\r\n\n  Where?\nWhat is this?\n')).toEqual(['What is this?', 'Where?']);
  expect(linesOf(' \n')).toEqual([]);
  expect(linesOf(perceptionQuestions.join('\n'))).toEqual(perceptionQuestions);
});

test('of a folder, images are looked at by name and in the order people list them', () => {
  const files = [
    'b/10.JPG',
    'b/9.png',
    'a.txt',
    '.DS_Store',
    '.thumbs/1.png',
    'b/._9.png',
    'photo.jpeg',
    'x.png.part',
  ];
  expect(
    files
      .filter(namedAsImage)
      .map((name) => ({ name }))
      .sort(byName),
  ).toEqual([{ name: 'b/9.png' }, { name: 'b/10.JPG' }, { name: 'photo.jpeg' }]);
});
