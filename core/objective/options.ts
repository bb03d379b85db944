/**
 * The options of a run: one row each, in the order in which they are shown. Manifests, recipes, the engine's
 * check, `--set` and its help, the settings on the page, model cards and the tables in the documentation read
 * them here. CONTRIBUTING.md says how one is added.
 *
 * No source states the paper's own values of λ, α, rate, steps or batch: `initial` is this project's choice.
 */
import type { OptionRow, OptionValue, ValueOf } from './option-row.ts';

export const optionTable = {
  lambda: {
    kind: 'number',
    symbol: 'λ',
    name: 'Merge strength lambda',
    flag: 'lambda',
    about:
      'λ says how strongly the gated reasoning difference is added to the VLM (Eq. 7); 0 is the VLM itself.',
    origin: 'paper',
    initial: 1,
    range: [0, 100],
    comfortable: [0, 3],
    step: 0.05,
    mayChangeDuringRun: false,
  },
  alpha: {
    kind: 'number',
    symbol: 'α',
    name: 'Injection weight alpha',
    flag: 'alpha',
    about:
      'α is the weight of the injection term, which pulls gates open (Eq. 10); at 0 only a second teacher does.',
    origin: 'paper',
    initial: 0.4,
    range: [0, 1000],
    comfortable: [0, 10],
    step: 0.05,
    mayChangeDuringRun: false,
  },
  beta: {
    kind: 'number',
    symbol: 'β',
    name: 'Trace weight beta',
    flag: 'beta',
    about:
      'β is the weight of the second teacher on text prompts, where the merged model should answer as the LRM does.',
    origin: 'extension',
    initial: 0,
    published: 0,
    range: [0, 1000],
    comfortable: [0, 10],
    step: 0.1,
    mayChangeDuringRun: false,
  },
  gamma: {
    kind: 'number',
    symbol: 'γ',
    name: 'Composed weight gamma',
    flag: 'gamma',
    about:
      'γ is the weight of the second teacher on images, where the merged model should answer as the LRM does on the VLM’s transcript of the image.',
    origin: 'extension',
    initial: 0,
    published: 0,
    range: [0, 1000],
    comfortable: [0, 10],
    step: 0.1,
    mayChangeDuringRun: false,
  },
  learningRate: {
    kind: 'number',
    symbol: 'rate',
    name: 'Learning rate',
    flag: 'learning-rate',
    about: 'The learning rate is Adam’s step size on the gate logits.',
    origin: 'training',
    initial: 0.1,
    range: [0, 100],
    comfortable: [0.0001, 1],
    step: 0.01,
    mayChangeDuringRun: false,
  },
  steps: {
    kind: 'number',
    symbol: 'steps',
    name: 'Steps',
    flag: 'steps',
    about: 'A run makes this many optimiser steps.',
    origin: 'training',
    whole: true,
    initial: 100,
    range: [1, 1_000_000],
    comfortable: [1, 5000],
    step: 10,
    mayChangeDuringRun: false,
  },
  batchSize: {
    kind: 'number',
    symbol: 'batch',
    name: 'Batch size',
    unit: 'samples',
    flag: 'batch-size',
    manifestKey: 'batch',
    about:
      'A step sees this many unlabeled samples of each teacher; a larger batch is steadier, slower and takes more memory.',
    origin: 'training',
    whole: true,
    // For processors: a step of SmolVLM-256M at 4 takes half the time of one at 8.
    initial: 4,
    range: [1, 4096],
    comfortable: [1, 128],
    step: 1,
    mayChangeDuringRun: false,
  },
  seed: {
    kind: 'number',
    symbol: 'seed',
    name: 'Seed',
    flag: 'seed',
    about:
      'The seed decides the order of the samples: the same seed and settings give the same run on the same backend.',
    origin: 'training',
    whole: true,
    initial: 1,
    range: [0, 2 ** 32 - 1],
    comfortable: [0, 999_999],
    step: 1,
    mayChangeDuringRun: false,
  },
  gateMax: {
    kind: 'number',
    symbol: 'gate max',
    name: 'Gate maximum',
    flag: 'gate-max',
    about:
      'Gates lie between 0 and this maximum; above 1 a direction may be amplified beyond what the reasoning model had.',
    origin: 'extension',
    initial: 1,
    published: 1,
    range: [1e-6, 1024],
    comfortable: [1, 4],
    phrase: 'gates up to {}',
    step: 0.25,
    mayChangeDuringRun: false,
    mayBeAbsentFrom: ['manifest'],
  },
  teacherTopK: {
    kind: 'number',
    symbol: 'top-k',
    name: 'Teacher’s most probable tokens',
    unit: 'tokens',
    flag: 'teacher-top-k',
    about:
      'A teacher’s k most probable tokens are compared one by one and all others as one: less memory for large vocabularies, and a lower bound of the full divergence.',
    origin: 'extension',
    whole: true,
    initial: null,
    published: null,
    // More would take as much memory as whole distributions, of all but the largest vocabularies.
    range: [1, 4096],
    comfortable: [0, 4096],
    step: 16,
    phrase: 'of each teacher the {} most probable tokens and the rest as one',
    zeroMeans: 'whole distributions are compared',
    mayChangeDuringRun: false,
    mayBeAbsentFrom: ['manifest', 'recipe'],
  },
  divergence: {
    kind: 'choice',
    symbol: 'divergence',
    name: 'Divergence from a teacher',
    flag: 'divergence',
    about:
      'The divergence compares the merged model’s answers with a teacher’s; JS (Jensen-Shannon) is symmetric and bounded.',
    origin: 'extension',
    initial: 'kl',
    published: 'kl',
    choices: {
      kl: { label: 'KL', phrase: 'compared by the Kullback-Leibler divergence' },
      js: { label: 'JS', phrase: 'compared by the Jensen-Shannon divergence' },
    },
    mayChangeDuringRun: false,
    mayBeAbsentFrom: ['manifest', 'recipe'],
  },
} as const satisfies Readonly<Record<string, OptionRow>>;

export type OptionKey = keyof typeof optionTable;

/** Options of a FRISM run (method: Eq. 7–10 and the second teacher); a recipe carries them as they are. */
export type DistillOptions = {
  readonly [Key in OptionKey]: ValueOf<(typeof optionTable)[Key]>;
};

/** Those that hold a number. */
export type NumberOptionKey = {
  [Key in OptionKey]: (typeof optionTable)[Key]['kind'] extends 'number' ? Key : never;
}[OptionKey];

/** In the order of the table, widened: each row as any row may be. */
export const optionRows = Object.entries(optionTable) as readonly (readonly [OptionKey, OptionRow])[];

export const optionRow = (key: OptionKey): OptionRow => optionTable[key];

/** Options with the value that `read` gives for each row; it must be one that the row allows. */
export function makeOptions(read: (key: OptionKey, row: OptionRow) => OptionValue): DistillOptions {
  return Object.fromEntries(optionRows.map(([key, row]) => [key, read(key, row)])) as DistillOptions;
}

/** What a run begins with where nobody says anything else. */
export const defaultOptions: DistillOptions = makeOptions((_, { initial }) => initial);
