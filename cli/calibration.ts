/** Images and questions of one's own for `distill`, as the page's dialog takes them. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import {
  answerTokens,
  byName,
  leftOutSentence,
  linesOf,
  perceptionQuestions,
  splitFolder,
} from '../core/calibration/own-images.ts';
import { decodedFormats } from '../core/images/other-formats.ts';
import type { MemoryFacts } from '../core/memory/facts.ts';
import { StudioError } from '../core/errors.ts';
import { decodeText } from '../core/files/text.ts';
import type { DistillOptions } from '../core/objective/options.ts';
import type { CalibrationReport, CalibrationSource, NamedImage } from '../protocol/session.ts';
import type { Context } from './command.ts';
import { fileOnDisk } from './engine.ts';
import { job, type OpenedSession } from './session.ts';
import { UsageError, type Given, type OptionSpec } from './usage.ts';

export const calibrationOptions: Readonly<Record<string, OptionSpec>> = {
  calibration: {
    value: 'DIR|FILE',
    about: `an image or a folder of images (${decodedFormats}) to calibrate on, without labels, in place of the manifest’s`,
  },
  question: {
    value: 'TEXT',
    many: true,
    about: 'a question that is asked about every image (may be repeated)',
  },
  questions: {
    value: 'FILE',
    about: `a text file with one question a line; without either option, ${perceptionQuestions.length} general questions are asked`,
  },
  traces: { value: 'FILE', about: 'a text file with one prompt a line for the second teacher (beta)' },
  'answer-tokens': {
    value: 'N',
    about: `how many tokens of an answer are compared (${answerTokens} if not given)`,
  },
  'cut-images': {
    about: 'cut large images into tiles, as the model’s own processor does; otherwise each image is one tile',
  },
};

interface OwnCalibration {
  readonly source: CalibrationSource;
  /** Files of the folder that were left out by their names. */
  readonly leftOut: readonly string[];
}

/**
 * What a person brings to calibrate on, null where that is nothing. It is looked for before models are opened,
 * which takes long.
 */
export async function readCalibration(given: Given): Promise<OwnCalibration | null> {
  const place = given.text('calibration');
  if (place === null) {
    const lonely = Object.keys(calibrationOptions).find(
      (name) => given.text(name) !== null || given.many(name).length > 0 || given.flag(name),
    );
    if (lonely !== undefined) throw new UsageError(`--${lonely} goes with --calibration.`);
    return null;
  }
  const asked = [...given.many('question'), ...(await linesIn(given.text('questions')))];
  const { images, leftOut } = await imagesAt(place);
  const source: CalibrationSource = {
    images,
    questions: asked.length > 0 ? linesOf(asked.join('\n')) : perceptionQuestions,
    traces: await linesIn(given.text('traces')),
    maxAnswerTokens: given.whole('answer-tokens', 1, 4096) ?? answerTokens,
    wholeImages: !given.flag('cut-images'),
  };
  return { source, leftOut };
}

/** The settings to begin with; without images of one's own, those of the trio. */
export async function calibrate(
  { engine, session }: OpenedSession,
  own: OwnCalibration | null,
  { onProgress }: Context,
): Promise<{
  readonly defaults: DistillOptions;
  readonly memory: MemoryFacts;
  readonly notes: readonly string[];
}> {
  if (own === null) return { defaults: session.defaults, memory: session.memory, notes: [] };
  const report = await engine.setCalibration(job, own.source, onProgress);
  return { defaults: report.defaults, memory: report.memory, notes: notesOf(report, own.leftOut) };
}

function notesOf({ images, items, refused }: CalibrationReport, leftOut: readonly string[]): string[] {
  const unseen = leftOutSentence(leftOut);
  return [
    `Calibrated on ${images} images, ${items} items.`,
    ...refused.map(({ name, reason }) => `Not used: ${name}. ${reason}`),
    ...(unseen === null ? [] : [unseen]),
  ];
}

/**
 * Images of a folder and the folders in it, in the order people list them; or one file, whatever it is
 * called.
 */
async function imagesAt(
  place: string,
): Promise<{ readonly images: readonly NamedImage[]; readonly leftOut: readonly string[] }> {
  const info = await stat(place).catch((cause: unknown) => {
    throw new StudioError('missing', `There are no images at ${place}.`, { details: { file: place }, cause });
  });
  if (info.isFile()) return { images: [{ name: place, file: fileOnDisk(place) }], leftOut: [] };
  const entries = await readdir(place, { withFileTypes: true, recursive: true });
  const paths = entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name));
  const { images, leftOut } = splitFolder(
    paths.map((path) => ({ path, name: relative(place, path).split(sep).join('/') })).sort(byName),
  );
  if (images.length === 0)
    throw new StudioError(
      'missing',
      `There is no file in ${place} that is named as an image (.png, .jpg, …).`,
      { details: { file: place } },
    );
  return { images: images.map(({ path, name }) => ({ name, file: fileOnDisk(path) })), leftOut };
}

async function linesIn(file: string | null): Promise<string[]> {
  if (file === null) return [];
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new StudioError('missing', `There is no text file at ${file}.`, { details: { file }, cause });
  });
  const lines = linesOf(decodeText(bytes, file));
  if (lines.length === 0)
    throw new StudioError('bad-file', `${file} has no line of text.`, { details: { file } });
  return lines;
}
