import { expect, test } from 'vitest';
import {
  draftProblem,
  emptyDraft,
  isInForce,
  pickedOfDrop,
  pickedOfInput,
  sourceOf,
  withImages,
  withoutRefused,
} from './draft.ts';

const file = (name: string, content = name) => new File([content], name, { lastModified: 1 });
const inFolder = (path: string) => Object.defineProperty(file(path), 'webkitRelativePath', { value: path });
const list = (...files: File[]) => files;

test('picks add up, each file once, in the order people list them', () => {
  const first = withImages([], pickedOfInput(list(file('b10.png'), file('b9.png'))).images);
  const both = withImages(
    first,
    pickedOfInput(list(file('b9.png'), file('a.jpg'), file('b9.png', 'another'))).images,
  );
  expect(both.map(({ name }) => name)).toEqual(['a.jpg', 'b9.png', 'b9.png', 'b10.png']);
});

test('a folder gives what is named as a picture and names the rest; files by themselves whatever they are called', () => {
  const folder = list(
    ...['notes.txt', 'deep/a.JPG', 'deep/photo.HEIC', '.DS_Store'].map((path) => inFolder(`set/${path}`)),
  );
  const ofFolder = pickedOfInput(folder);
  expect(ofFolder.images.map(({ name }) => name)).toEqual(['set/deep/a.JPG', 'set/deep/photo.HEIC']);
  expect(ofFolder.leftOut).toEqual(['set/notes.txt']);
  expect(pickedOfInput(list(file('scan')))).toMatchObject({ images: [{ name: 'scan' }], leftOut: [] });
  const dropped = pickedOfDrop([
    { path: 'scan', file: file('scan'), folder: null },
    { path: 'notes.txt', file: file('notes.txt'), folder: 'set' },
    { path: 'b.tif', file: file('b.tif'), folder: 'set' },
  ]);
  expect(dropped.images.map(({ name }) => name)).toEqual(['scan', 'set/b.tif']);
  expect(dropped.leftOut).toEqual(['set/notes.txt']);
});

test('says what is missing, and is used line by line', () => {
  expect(draftProblem(emptyDraft)).toMatch(/image/);
  const draft = { ...emptyDraft, images: pickedOfInput(list(file('a.png'))).images };
  expect(draftProblem(draft)).toBeNull();
  expect(draftProblem({ ...draft, questions: ' \n' })).toMatch(/question/);
  expect(draftProblem({ ...draft, traces: 'x'.repeat(5000) })).toMatch(/4000/);
  expect(sourceOf({ ...draft, questions: 'What?\n\nWhere?', traces: ' 3+4 \n' })).toMatchObject({
    questions: ['What?', 'Where?'],
    traces: ['3+4'],
    wholeImages: true,
  });
});

test('what was refused leaves the draft once; what is left is in force until something is changed', () => {
  // Two files of one name: the damaged one goes, the other one stays.
  const images = [file('a.png'), file('b.png', 'damaged'), file('b.png', 'whole')].map((each) => ({
    name: each.name,
    file: each,
  }));
  const left = withoutRefused(images, [{ index: 1 }]);
  expect(left).toEqual([images[0], images[2]]);
  const draft = { ...emptyDraft, images: left };
  const source = sourceOf(draft);
  expect(isInForce(draft, source)).toBe(true);
  expect(isInForce({ ...draft, images }, source)).toBe(false);
  expect(isInForce({ ...draft, images: [...left].reverse() }, source)).toBe(false);
  expect(isInForce({ ...draft, questions: 'What?' }, source)).toBe(false);
  expect(isInForce({ ...draft, traces: '3+4' }, source)).toBe(false);
  expect(isInForce({ ...draft, maxAnswerTokens: 8 }, source)).toBe(false);
  expect(isInForce({ ...draft, wholeImages: false }, source)).toBe(false);
});
