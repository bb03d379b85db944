/** manifest.json of a trio: a format of this project, so that a key which is not known is a slip of the pen. */
import { optionTable, type DistillOptions } from '../objective/options.ts';
import type { OptionRow } from '../objective/option-row.ts';
import { harmless, refused, used, type KeyRule, type ReadRules } from './rules.ts';

const about = harmless('it is for those who read the file');
const unknown = refused('no such key is known, and what it was meant to set would be left out');

export const manifestRules: ReadRules = {
  file: 'manifest.json',
  about: 'A trio with its data sets and the settings that suit it.',
  keys: {
    version: used('1; any other is refused'),
    ...{ name: used('names the trio'), models: used('the folders of the three models') },
    data: used('files with calibration images, traces and test sets'),
    prompts: used('what the models are asked, and whether it takes sight or reasoning'),
    transcriptionPrompt: used('what makes the VLM write down all that the reasoning model needs'),
    run: used('the options of a run, listed below'),
    secondTeacher: used('α, β and γ with the second teacher'),
    board: used('the raster of images that are drawn on the page'),
    examples: used('items that the page offers first'),
    ...{ description: about, licence: about, license: about, origin: about },
    reasoningPrompt: harmless('the prompts themselves say which of them takes reasoning'),
  },
  others: unknown,
};

export const manifestRunRules: ReadRules = {
  file: 'run of manifest.json',
  about: 'The options of a run, as its settings name them.',
  keys: {
    ...Object.fromEntries(
      (Object.keys(optionTable) as (keyof DistillOptions)[]).map((key): [string, KeyRule] => {
        const row: OptionRow = optionTable[key];
        return [row.manifestKey ?? key, used('an option of a run')];
      }),
    ),
    maxAnswerTokens: used('so many tokens an answer may have'),
    optimizer: refused('gates are learned with Adam alone', 'adam'),
  },
  others: unknown,
};
