import { expect, test } from 'vitest';
import {
  byName,
  leftOutSentence,
  linesOf,
  namedAsImage,
  perceptionQuestions,
  splitFolder,
} from './own-images.ts';

test('a text is a list of its lines, without empty ones and repetitions', () => {
  expect(linesOf(' What is this?\r\n\n  Where?\nWhat is this?\n')).toEqual(['What is this?', 'Where?']);
  expect(linesOf('What is this?\rWhere?\r\rHow many?\r')).toEqual(['What is this?', 'Where?', 'How many?']);
  expect(linesOf('one\u2028line\n\rWhere?')).toEqual(['one\u2028line', 'Where?']);
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

test('a folder’s photos in formats that are not decoded are looked at, and what is no picture is named', () => {
  const names = [
    'a.heic',
    'b.TIF',
    'c.avif',
    'd.dng',
    'e.svg',
    'notes.txt',
    '.thumbs/1.png',
    'x/Thumbs.db',
    '.DS_Store',
  ];
  const { images, leftOut } = splitFolder(names.map((name) => ({ name })));
  expect(images.map(({ name }) => name)).toEqual(['a.heic', 'b.TIF', 'c.avif', 'd.dng', 'e.svg']);
  expect(leftOut).toEqual(['notes.txt', '.thumbs/1.png']);
  expect(leftOutSentence([])).toBeNull();
  expect(leftOutSentence(['notes.txt'])).toBe(
    '1 file was left out because its name does not end as an image’s: notes.txt.',
  );
  expect(leftOutSentence(['a', 'b', 'c', 'd', 'e', 'f'])).toMatch(
    /^6 files were left out .*: a, b, c, d, e and 1 more\.$/,
  );
});
