/** The data sets of a trio, a format of this project. */
import { ownFormat, remarks } from './own-formats.ts';
import { harmless, refused, used, type KeyRule } from './rules.ts';

const sheet: Readonly<Record<string, KeyRule>> = {
  sheet: used('the PNG image with all tiles'),
  tile: used('pixels of a tile’s side'),
  columns: used('tiles in a row of the sheet'),
  count: used('tiles on the sheet'),
};
const unlabelled = harmless('a run learns without labels');

export const testSetRules = ownFormat(
  'test set of a manifest',
  'The file that data.perception or data.reasoning of manifest.json names.',
  {
    ...sheet,
    scoring: used('exact: the whole answer; final: what stands behind the last “=”'),
    items: used('the questions'),
    ...remarks,
    metric: refused('answers are scored by “scoring” alone, which is exact or final'),
  },
);

const oneAnswer = refused('an answer is right where it is “answer”, and not otherwise');

export const testItemRules = ownFormat('items of a test set', 'A question about one image.', {
  index: used('the number of the image on the sheet'),
  prompt: used('the question'),
  answer: used('the right answer'),
  task: used('the group that the item is counted in as well'),
  id: harmless('it is for those who read the file'),
  ...{ answers: oneAnswer, choices: oneAnswer },
  weight: refused('every item counts once'),
});

export const calibrationSetRules = ownFormat(
  'calibration set of a manifest',
  'The file that data.calibration or data.composed of manifest.json names.',
  { ...sheet, items: used('the questions'), ...remarks, scoring: unlabelled },
);

export const calibrationItemRules = ownFormat('items of a calibration set', 'A question about one image.', {
  index: used('the number of the image on the sheet'),
  prompt: used('the question'),
  ...{ answer: unlabelled, task: unlabelled },
  id: harmless('it is for those who read the file'),
  weight: refused('every item is drawn as often as the others'),
});

export const traceSetRules = ownFormat(
  'text prompts of a manifest',
  'The file that data.traces of manifest.json names.',
  { items: used('the prompts'), ...remarks, count: harmless('the items are counted') },
);

export const traceItemRules = ownFormat('items of the text prompts', 'A prompt for the second teacher.', {
  content: used('the beginning of the prompt'),
  prompt: used('the end of the prompt'),
  index: harmless('items are taken in their order'),
  ...{ answer: unlabelled, task: unlabelled },
  id: harmless('it is for those who read the file'),
  weight: refused('every item is drawn as often as the others'),
});
