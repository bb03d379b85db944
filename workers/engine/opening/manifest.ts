/**
 * manifest.json of a trio: its folders, its data sets, what to ask, and the settings that suit it. It is
 * hostile until it has been checked.
 */
import * as rules from '../../../core/reading/manifest.ts';
import { refuseUnknown } from '../../../core/reading/own-formats.ts';
import { roles, type Role } from '../../../core/family/trio.ts';
import type { OptionRow, OptionValue } from '../../../core/objective/option-row.ts';
import { makeOptions, optionTable, type DistillOptions } from '../../../core/objective/options.ts';
import type { Ability, BoardGeometry, PromptChoice, Session } from '../../../protocol/session.ts';
import { JsonField } from '../../../core/json-field.ts';

export type SetName = 'calibration' | 'composed' | Ability;

export interface Manifest {
  readonly name: string;
  /** Folders beside the manifest. */
  readonly models: Readonly<Record<Role, string>>;
  /** JSON files beside the manifest; null where the trio brings no such set. */
  readonly data: Readonly<Record<SetName | 'traces', string | null>>;
  readonly prompts: readonly PromptChoice[];
  /** What makes the VLM write down all that a reader without eyes needs. */
  readonly transcriptionPrompt: string | null;
  readonly maxAnswerTokens: number;
  readonly defaults: DistillOptions;
  readonly secondTeacher: Session['secondTeacherDefaults'];
  readonly board: BoardGeometry | null;
  readonly examples: readonly {
    readonly set: SetName;
    readonly index: number;
    /** What is written on it, or null. */
    readonly text: string | null;
  }[];
}

export const plainSecondTeacher: Session['secondTeacherDefaults'] = { alpha: 0, beta: 0, gamma: 1 };
export const plainAnswerTokens = 64;

/**
 * What the logits of a step's answer positions may take: they are there about five times, with their
 * teacher's and on the way back.
 */
const logitBytes = 48 * 2 ** 20;

/** Samples a step that a model of this vocabulary should not go beyond unasked; at least 1. */
export function largestBatch(vocabulary: number, answerTokens: number): number {
  return Math.max(1, Math.floor(logitBytes / (4 * vocabulary * (answerTokens + 1))));
}

const mostInks = 32;
const setNames = ['calibration', 'composed', 'perception', 'reasoning'] as const;

export function parseManifest(text: string, file: string): Manifest {
  const root = JsonField.strict(text, file);
  root.at('version').whole(1, 1);
  refuseUnknown(root, rules.manifestRules);
  refuseUnknown(root.at('models'), rules.manifestModelRules);
  refuseUnknown(root.at('run'), rules.manifestRunRules);
  const data = root.at('data');
  data.optional((found) => refuseUnknown(found, rules.manifestDataRules));
  const optional = <T>(field: JsonField, read: (field: JsonField) => T, otherwise: T) =>
    field.absent ? otherwise : read(field);
  const dataFile = (name: string) => optional(data, (d) => optional(d.at(name), (f) => f.path(), null), null);
  return {
    name: root.at('name').text(200),
    models: Object.fromEntries(roles.map((role) => [role, root.at('models').at(role).path()])) as Record<
      Role,
      string
    >,
    data: Object.fromEntries(
      [...setNames, 'traces' as const].map((name) => [name, dataFile(name)]),
    ) as Manifest['data'],
    prompts: optional(root.at('prompts'), (list) => list.list(200).map(readPrompt), []),
    transcriptionPrompt: optional(root.at('transcriptionPrompt'), (f) => f.text(), null),
    maxAnswerTokens: optional(
      root.at('run').at('maxAnswerTokens'),
      (f) => f.whole(1, 4096),
      plainAnswerTokens,
    ),
    defaults: readDefaults(root.at('run')),
    secondTeacher: optional(root.at('secondTeacher'), readSecondTeacher, plainSecondTeacher),
    board: optional(root.at('board'), readBoard, null),
    examples: optional(
      root.at('examples'),
      (list) =>
        list.list(200).map((example) => {
          refuseUnknown(example, rules.manifestExampleRules);
          return {
            set: example.at('set').oneOf(...setNames),
            index: example.at('index').whole(0, 1e6),
            text: example.at('text').optional((written) => written.text(200)),
          };
        }),
      [],
    ),
  };
}

function readPrompt(field: JsonField): PromptChoice {
  refuseUnknown(field, rules.manifestPromptRules);
  const prompt = field.at('example').absent ? field.at('word') : field.at('example');
  return {
    prompt: prompt.text(),
    label: field.at('label').text(200),
    kind: field.at('kind').oneOf('perception', 'reasoning'),
  };
}

function readDefaults(run: JsonField): DistillOptions {
  return makeOptions((key, row) => {
    const field = run.at(row.manifestKey ?? key);
    return field.absent && row.mayBeAbsentFrom?.includes('manifest') ? row.initial : readOption(field, row);
  });
}

function readOption(field: JsonField, row: OptionRow): OptionValue {
  if (row.kind === 'choice') return field.oneOf(...Object.keys(row.choices));
  return row.whole ? field.whole(...row.range) : field.number(...row.range);
}

function readSecondTeacher(field: JsonField): Manifest['secondTeacher'] {
  refuseUnknown(field, rules.manifestTeacherRules);
  const read = (weights: JsonField): Manifest['secondTeacher'] => {
    refuseUnknown(weights, rules.manifestWeightRules);
    return {
      alpha: weights.at('alpha').number(...optionTable.alpha.range),
      beta: weights.at('beta').number(...optionTable.beta.range),
      gamma: weights.at('gamma').number(...optionTable.gamma.range),
    };
  };
  const trace = field.at('trace').optional(read);
  return field.at('composed').optional(read) ?? trace ?? field.refuse('an object with composed or trace');
}

function readBoard(field: JsonField): BoardGeometry {
  refuseUnknown(field, rules.manifestBoardRules);
  const inks = field.at('inks');
  const names = inks.keys();
  if (names.length > mostInks) inks.refuse(`an object of at most ${mostInks} colours`);
  const [rows, columns] = [field.at('rows').whole(1, 64), field.at('columns').whole(1, 64)];
  const cellPixels = field.at('cellPx').whole(1, 256);
  field.at('sizePx').optional((size) => {
    for (const cells of [rows, columns])
      if (size.raw !== cells * cellPixels)
        size.refuse(`${cells * cellPixels}, the pixels of ${cells} cells of ${cellPixels}`);
  });
  return {
    rows,
    columns,
    cellPixels,
    inks: names.map((name) => ({ name, color: inks.at(name).colour() })),
    background: field.at('paper').colour(),
  };
}
