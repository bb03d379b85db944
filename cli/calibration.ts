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
import type { Finding } from '../core/family/pairing.ts';
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
  /** What is named as an image there and is no file. */
  readonly unread: readonly { readonly name: string; readonly reason: string }[];
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
  const { images, leftOut, unread } = await imagesAt(place);
  const source: CalibrationSource = {
    images,
    questions: asked.length > 0 ? linesOf(asked.join('\n')) : perceptionQuestions,
    traces: await linesIn(given.text('traces')),
    maxAnswerTokens: given.whole('answer-tokens', 1, 4096) ?? answerTokens,
    wholeImages: !given.flag('cut-images'),
  };
  return { source, leftOut, unread };
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
  /** What the session's own findings do not have. */
  readonly findings: readonly Finding[];
}> {
  if (own === null) return { defaults: session.defaults, memory: session.memory, notes: [], findings: [] };
  const report = await engine.setCalibration(job, own.source, onProgress);
  const { defaults, memory, findings } = report;
  return { defaults, memory, notes: notesOf(report, own), findings };
}

/** Prompts of `--traces` that β, which came from a recipe or from the defaults, leaves without effect. */
export function idleTraces(own: OwnCalibration | null, { beta }: DistillOptions): Finding[] {
  const prompts = own?.source.traces.length ?? 0;
  if (prompts === 0 || beta > 0) return [];
  return [
    {
      code: 'traces-not-used',
      severity: 'warning',
      tensors: [],
      message: `The ${prompts} text prompts of --traces change nothing: β, which is the weight of the second teacher on them, is 0.`,
      remedy: 'Add --set beta=1, for example, or leave --traces out.',
    },
  ];
}

function notesOf(
  { images, items, refused }: CalibrationReport,
  { leftOut, unread }: OwnCalibration,
): string[] {
  const unseen = leftOutSentence(leftOut);
  return [
    `Calibrated on ${images} images, ${items} items.`,
    ...[...unread, ...refused].map(({ name, reason }) => `Not used: ${name}. ${reason}`),
    ...(unseen === null ? [] : [unseen]),
  ];
}

/**
 * Images of a folder and the folders in it, in the order people list them; or one file, whatever it is
 * called.
 */
async function imagesAt(
  place: string,
): Promise<{ readonly images: readonly NamedImage[] } & Pick<OwnCalibration, 'leftOut' | 'unread'>> {
  const info = await stat(place).catch((cause: unknown) => {
    throw new StudioError('missing', `There are no images at ${place}.`, { details: { file: place }, cause });
  });
  if (info.isFile()) return { images: [{ name: place, file: fileOnDisk(place) }], leftOut: [], unread: [] };
  if (!info.isDirectory())
    throw new StudioError('bad-file', `${place} is neither a file nor a folder.`, {
      details: { file: place },
    });
  const entries = await readdir(place, { withFileTypes: true, recursive: true });
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  const { images: named, leftOut } = splitFolder(
    paths.map((path) => ({ path, name: relative(place, path).split(sep).join('/') })).sort(byName),
  );
  const images: NamedImage[] = [];
  const unread: OwnCalibration['unread'][number][] = [];
  for (const { path, name } of named) {
    const reason = await whyNoFile(path);
    if (reason === null) images.push({ name, file: fileOnDisk(path) });
    else unread.push({ name, reason });
  }
  if (images.length > 0) return { images, leftOut, unread };
  const [first] = unread;
  throw new StudioError(
    'missing',
    first
      ? `Nothing in ${place} that is named as an image can be read. ${first.name}: ${first.reason}`
      : `There is no file in ${place} that is named as an image (.png, .jpg, …).`,
    { details: { file: place } },
  );
}

/** Null for a file, and for a link to one. */
async function whyNoFile(path: string): Promise<string | null> {
  const info = await stat(path).catch(() => null);
  if (!info) return 'It is a link that leads nowhere.';
  if (info.isDirectory()) return 'It is a link to a folder, and those are not followed.';
  return info.isFile() ? null : 'It is a device or a pipe, and no file.';
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
