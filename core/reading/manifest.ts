/** manifest.json of a trio, a format of this project. */
import { optionTable, type DistillOptions } from '../objective/options.ts';
import type { OptionRow } from '../objective/option-row.ts';
import { ownFormat, remarks } from './own-formats.ts';
import { harmless, refused, used, type KeyRule } from './rules.ts';

export const manifestRules = ownFormat(
  'manifest.json',
  'A trio with its data sets and the settings that suit it.',
  {
    version: used('1; any other is refused'),
    ...{ name: used('names the trio'), models: used('the folders of the three models') },
    data: used('files with calibration images, traces and test sets'),
    prompts: used('what the models are asked, and whether it takes sight or reasoning'),
    transcriptionPrompt: used('what makes the VLM write down all that the reasoning model needs'),
    run: used('the options of a run, listed below'),
    secondTeacher: used('α, β and γ with the second teacher'),
    board: used('the raster of images that are drawn on the page'),
    examples: used('items that the page offers first'),
    ...remarks,
    reasoningPrompt: harmless('the prompts themselves say which of them takes reasoning'),
  },
);

export const manifestModelRules = ownFormat('models of manifest.json', 'The folders of the models.', {
  base: used('the model that both others were tuned from'),
  vlm: used('the vision-language model'),
  lrm: used('the reasoning model'),
});

export const manifestDataRules = ownFormat('data of manifest.json', 'Files beside the manifest.', {
  calibration: used('images and questions for the distance to the VLM'),
  composed: used('images and questions for the second teacher'),
  traces: used('text prompts for the second teacher'),
  ...{ perception: used('a test set'), reasoning: used('a test set') },
});

export const manifestPromptRules = ownFormat('prompts of manifest.json', 'A prompt that the page offers.', {
  word: used('the prompt, where there is no example'),
  example: used('the prompt as it is asked'),
  label: used('what the page calls it'),
  kind: used('perception or reasoning'),
});

export const manifestRunRules = ownFormat(
  'run of manifest.json',
  'The options of a run, as its settings name them.',
  {
    ...Object.fromEntries(
      (Object.keys(optionTable) as (keyof DistillOptions)[]).map((key): [string, KeyRule] => {
        const row: OptionRow = optionTable[key];
        return [row.manifestKey ?? key, used('an option of a run')];
      }),
    ),
    maxAnswerTokens: used('so many tokens an answer may have'),
    optimizer: refused('gates are learned with Adam alone', 'adam'),
  },
);

export const manifestTeacherRules = ownFormat(
  'secondTeacher of manifest.json',
  'What a run with the second teacher begins with.',
  {
    composed: used('with images'),
    trace: used('with text prompts; taken where there is no composed'),
  },
);

export const manifestWeightRules = ownFormat(
  'secondTeacher.composed and secondTeacher.trace of manifest.json',
  'The weights of the terms.',
  { ...{ alpha: used('α'), beta: used('β'), gamma: used('γ') } },
);

export const manifestBoardRules = ownFormat(
  'board of manifest.json',
  'The raster of images that are drawn on the page.',
  {
    ...{ rows: used('cells from top to bottom'), columns: used('cells from left to right') },
    cellPx: used('pixels of a cell’s side'),
    sizePx: used('pixels of a side of a square board; it must be the cells’ pixels together'),
    ...{ inks: used('names and colours, 32 at most'), paper: used('the colour of the ground') },
    ...Object.fromEntries(
      ['glyphs', 'glyphScale', 'bitmaps'].map((key) => [
        key,
        harmless('how the trio’s own images were written; the page writes with letters of its own'),
      ]),
    ),
  },
);

export const manifestExampleRules = ownFormat(
  'examples of manifest.json',
  'A picture that the page offers first.',
  {
    set: used('the data set that it is from'),
    index: used('its number among the images of the set'),
    text: used('what is written on it'),
  },
);
