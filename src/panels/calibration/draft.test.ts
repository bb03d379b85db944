import { expect, test } from 'vitest';
import { draftProblem, emptyDraft, pickedOfInput, sourceOf, withImages } from './draft.ts';

const file = (name: string, content = name) => new File([content], name, { lastModified: 1 });
const inFolder = (path: string) => Object.defineProperty(file(path), 'webkitRelativePath', { value: path });
const list = (...files: File[]) => files;

test('picks add up, each file once, in the order people list them', () => {
  const first = withImages([], pickedOfInput(list(file('b10.png'), file('b9.png'))));
  const both = withImages(
    first,
    pickedOfInput(list(file('b9.png'), file('a.jpg'), file('b9.png', 'another'))),
  );
  expect(both.map(({ name }) => name)).toEqual(['a.jpg', 'b9.png', 'b9.png', 'b10.png']);
});

test('a folder gives what is named as an image; files by themselves whatever they are called', () => {
  expect(
    pickedOfInput(list(inFolder('set/notes.txt'), inFolder('set/deep/a.JPG'), inFolder('set/.DS_Store'))).map(
      ({ name }) => name,
    ),
  ).toEqual(['set/deep/a.JPG']);
  expect(pickedOfInput(list(file('scan'))).map(({ name }) => name)).toEqual(['scan']);
});

test('says what is missing, and is used line by line', () => {
  expect(draftProblem(emptyDraft)).toMatch(/image/);
  const draft = { ...emptyDraft, images: pickedOfInput(list(file('a.png'))) };
  expect(draftProblem(draft)).toBeNull();
  expect(draftProblem({ ...draft, questions: ' \n' })).toMatch(/question/);
  expect(draftProblem({ ...draft, traces: 'x'.repeat(5000) })).toMatch(/4000/);
  expect(sourceOf({ ...draft, questions: 'What?\n\nWhere?', traces: ' 3+4 \n' })).toMatchObject({
    questions: ['What?', 'Where?'],
    traces: ['3+4'],
    wholeImages: true,
  });
});
