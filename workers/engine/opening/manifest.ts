/**
 * manifest.json of a trio: its folders, its data sets, what to ask, and the settings that suit it. It is
 * hostile until it has been checked.
 */
import { StudioError } from '../../../core/errors.ts';
import { manifestRules, manifestRunRules } from '../../../core/reading/manifest.ts';
import { sortKeys, type ReadRules } from '../../../core/reading/rules.ts';
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

const setNames = ['calibration', 'composed', 'perception', 'reasoning'] as const;

export function parseManifest(text: string, file: string): Manifest {
  const root = JsonField.parse(text, file);
  root.at('version').whole(1, 1);
  refuseUnknown(root, manifestRules);
  refuseUnknown(root.at('run'), manifestRunRules);
  const data = root.at('data');
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
        list.list(200).map((e) => ({
          set: e.at('set').oneOf(...setNames),
          index: e.at('index').whole(0, 1e6),
          text: optional(e.at('text'), (f) => f.text(200), null),
        })),
      [],
    ),
  };
}

function refuseUnknown(field: JsonField, rules: ReadRules): void {
  const members = Object.fromEntries(field.keys().map((key) => [key, field.at(key).raw]));
  for (const { key, rule } of sortKeys(rules, members).refused)
    throw new StudioError(
      'bad-file',
      `${field.at(key).place} of ${field.file}: ${rule.why}. Correct it, or take it out.`,
      {
        details: { file: field.file, value: key },
      },
    );
}

function readPrompt(field: JsonField): PromptChoice {
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
  const chosen = field.at('composed').absent ? field.at('trace') : field.at('composed');
  return {
    alpha: chosen.at('alpha').number(...optionTable.alpha.range),
    beta: chosen.at('beta').number(...optionTable.beta.range),
    gamma: chosen.at('gamma').number(...optionTable.gamma.range),
  };
}

function readBoard(field: JsonField): BoardGeometry {
  const inks = field.at('inks');
  return {
    rows: field.at('rows').whole(1, 64),
    columns: field.at('columns').whole(1, 64),
    cellPixels: field.at('cellPx').whole(1, 256),
    inks: [...inks.keys()].slice(0, 32).map((name) => ({ name, color: inks.at(name).colour() })),
    background: field.at('paper').colour(),
  };
}
