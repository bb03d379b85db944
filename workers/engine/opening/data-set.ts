/**
 * The data sets of a trio: questions about images, read from JSON lists, and PNG sheets that are decoded when
 * first needed.
 */
import { StudioError } from '../../../core/errors.ts';
import { decodeText } from '../../../core/files/text.ts';
import * as rules from '../../../core/reading/data-set.ts';
import { refuseUnknown } from '../../../core/reading/own-formats.ts';
import type { RgbaImage, ScoringRule } from '../../../protocol/session.ts';
import { neverRight } from '../../evaluate/score.ts';
import { openSheet, type Sheet } from '../../evaluate/sheet.ts';
import type { ModelFolder } from '../../io/contract.ts';
import { checkInflated } from '../../io/images/png-data.ts';
import { JsonField } from '../../../core/json-field.ts';

export interface SetItem {
  readonly image: number;
  readonly prompt: string;
  /** Labelled sets only; never read by a distillation. */
  readonly task: string;
  readonly answer: string;
}

export interface Pictures {
  /** Decoded when it is asked for. */
  tile(index: number): RgbaImage | Promise<RgbaImage>;
}

export interface DataSet {
  readonly items: readonly SetItem[];
  readonly scoring: ScoringRule;
  readonly images: number;
  /** Pixels of each image's sides; null where they are of several sizes. */
  readonly tile: number | null;
  sheet(signal: AbortSignal): Promise<Pictures>;
}

/** An empty set can be neither learnt from nor measured on. */
const maxItems = 100_000;
const maxJsonBytes = 32 * 2 ** 20;
const maxSheetBytes = 256 * 2 ** 20;

async function readAll(
  folder: ModelFolder,
  path: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const source = await folder.open(path, signal);
  if (!source)
    throw new StudioError('missing', `${folder.label} has no file ${path}, which this trio needs.`, {
      details: { file: path },
    });
  if (source.sizeBytes > maxBytes)
    throw new StudioError(
      'bad-file',
      `${path} is ${source.sizeBytes} bytes long, more than the ${maxBytes} a data set may have.`,
      { details: { file: path, value: source.sizeBytes } },
    );
  return source.read(0, source.sizeBytes, signal);
}

export async function readTextFile(folder: ModelFolder, path: string, signal: AbortSignal): Promise<string> {
  return decodeText(await readAll(folder, path, maxJsonBytes, signal), path);
}

function parseSet(text: string, path: string): JsonField {
  const [first = '', second = ''] = text.trim().split('\n', 2);
  if (/^\{.*\}\s*$/.test(first) && second.trimStart().startsWith('{'))
    throw new StudioError(
      'bad-file',
      `${path} is JSON Lines, an object on each line, and a data set is one object with a list of items. Put the lines into its “items”.`,
      { details: { file: path } },
    );
  return JsonField.strict(text, path);
}

/** @param labelled whether items carry a task and an answer */
export async function readDataSet(
  folder: ModelFolder,
  path: string,
  labelled: boolean,
  signal: AbortSignal,
): Promise<DataSet> {
  const root = parseSet(await readTextFile(folder, path, signal), path);
  refuseUnknown(root, labelled ? rules.testSetRules : rules.calibrationSetRules);
  const geometry = {
    tile: root.at('tile').whole(1, 4096),
    columns: root.at('columns').whole(1, 10_000),
    count: root.at('count').whole(1, 100_000),
  };
  const scoring = labelled ? root.at('scoring').oneOf('exact', 'final') : 'exact';
  const items = root
    .at('items')
    .list(maxItems, 1)
    .map((item): SetItem => {
      refuseUnknown(item, labelled ? rules.testItemRules : rules.calibrationItemRules);
      return {
        image: item.at('index').whole(0, geometry.count - 1),
        prompt: item.at('prompt').text(),
        task: labelled ? item.at('task').text(100) : '',
        answer: labelled ? readAnswer(item.at('answer'), scoring) : '',
      };
    });
  const sheetPath = [...path.split('/').slice(0, -1), root.at('sheet').path()].join('/');
  let opened: Sheet | null = null;
  const readSheet = async (sheetSignal: AbortSignal): Promise<Sheet> => {
    const bytes = await readAll(folder, sheetPath, maxSheetBytes, sheetSignal);
    await checkInflated(bytes).catch((cause: unknown) => {
      throw new StudioError('bad-file', `${sheetPath}: ${cause instanceof Error ? cause.message : ''}.`, {
        details: { file: sheetPath },
        cause,
      });
    });
    return openSheet(bytes, geometry, sheetPath);
  };
  return {
    items,
    scoring,
    images: geometry.count,
    tile: geometry.tile,
    sheet: async (sheetSignal) => (opened ??= await readSheet(sheetSignal)),
  };
}

function readAnswer(field: JsonField, scoring: ScoringRule): string {
  const answer = field.text();
  const why = neverRight(answer, scoring);
  return why === null ? answer : field.refuse(why);
}

/** Text prompts for the LRM: content and question, as one text. */
export async function readTraces(
  folder: ModelFolder,
  path: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const root = JsonField.strict(await readTextFile(folder, path, signal), path);
  refuseUnknown(root, rules.traceSetRules);
  return root
    .at('items')
    .list(maxItems, 1)
    .map((item) => {
      refuseUnknown(item, rules.traceItemRules);
      return item.at('content').text() + item.at('prompt').text();
    });
}
