/**
 * Reads the calibration that a person brings. Images are decoded one by one, and those that cannot be decoded
 * are refused by name. The others become items: every question about every image. Pixels are decoded again
 * when the vision tower needs them, and are never all held at once.
 */
import { longestText, mostImages, mostQuestions, mostTraces } from '../../../core/calibration/own-images.ts';
import type { DecodeImage } from '../../io/contract.ts';
import { readImage } from '../../io/images/read-image.ts';
import type { Finding } from '../../../core/family/pairing.ts';
import type { MemoryFacts } from '../../../core/memory/facts.ts';
import { StudioError, toStudioError } from '../../../core/errors.ts';
import type { Progress } from '../../../protocol/events.ts';
import type { CalibrationReport, CalibrationSource, NamedImage } from '../../../protocol/session.ts';
import { checkCancelled } from '../../distill/cancel.ts';
import { breathe } from '../../nn/breathe.ts';
import type { DataSet } from '../opening/data-set.ts';
import { sessionSample, withSample } from '../opening/memory-facts.ts';
import { sampleFindings, unwrittenLessons } from '../opening/set-findings.ts';
import { requireForward, type OpenSession } from '../opening/open-session.ts';
import type { OwnCalibration } from '../opening/own-calibration.ts';
import { progressMeter } from '../progress-meter.ts';
import { tracesOf, trioSettings } from '../opening/trio-settings.ts';

type Refused = CalibrationReport['refused'][number];

export interface ReadCalibration {
  /** Null: the trio's. */
  readonly own: OwnCalibration | null;
  readonly refused: readonly Refused[];
  readonly memory: MemoryFacts;
  readonly findings: readonly Finding[];
}

/**
 * What a session is to be calibrated on, and what memory a run then takes. @param source null: the trio's own
 */
export async function readCalibration(
  session: OpenSession,
  source: CalibrationSource | null,
  decode: DecodeImage | undefined,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<ReadCalibration> {
  if (source && !decode) throw new StudioError('unsupported', 'Images cannot be decoded here.');
  const { own, refused } =
    source && decode
      ? await readOwn(session, source, decode, onProgress, signal)
      : { own: null, refused: [] };
  const { plan } = requireForward(session);
  const { sets, maxAnswerTokens, facts } = session;
  const sample = await sessionSample(
    {
      plan,
      calibration: own?.set ?? sets.calibration,
      composed: sets.composed,
      traces: tracesOf({ ...session, own }),
      answerTokens: own?.maxAnswerTokens ?? maxAnswerTokens,
      image: own?.largest,
      wholeImages: own?.wholeImages,
    },
    signal,
  );
  return {
    own,
    refused,
    memory: withSample(facts.memory, plan.spec, sample),
    findings: [
      ...sampleFindings(plan, session.checkpoints, sample),
      ...(own
        ? unwrittenLessons({ calibration: own.set, traces: own.traces }, session.checkpoints.vlm.label, plan)
        : []),
    ],
  };
}

async function readOwn(
  session: OpenSession,
  source: CalibrationSource,
  decode: DecodeImage,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<{ readonly own: OwnCalibration; readonly refused: readonly Refused[] }> {
  checkTexts(session, source);
  const { questions, traces, maxAnswerTokens, wholeImages } = source;
  const { taken, refused, largest } = await lookAt(source.images, decode, onProgress, signal);
  const set: DataSet = {
    items: taken.flatMap((_, image) => questions.map((prompt) => ({ image, prompt, task: '', answer: '' }))),
    scoring: 'exact',
    images: taken.length,
    tile: null,
    sheet: async () => ({
      tile: (index) => readImage(taken[index] as NamedImage, decode),
    }),
  };
  return {
    own: { set, largest, traces: traces.length > 0 ? traces : null, maxAnswerTokens, wholeImages },
    refused,
  };
}

function checkTexts(
  session: OpenSession,
  { images, questions, traces, maxAnswerTokens }: CalibrationSource,
): void {
  const bad = (message: string) => new StudioError('bad-request', message);
  const { prompter } = requireForward(session).plan.vlm;
  if (images.length === 0) throw bad('Choose at least one image to calibrate on.');
  if (questions.length === 0) throw bad('Give at least one question about the images.');
  if (questions.length > mostQuestions)
    throw bad(
      `${questions.length} questions were given; at most ${mostQuestions} are asked about each image.`,
    );
  if (traces.length > mostTraces)
    throw bad(`${traces.length} text prompts were given; at most ${mostTraces} are used.`);
  if (!(Number.isInteger(maxAnswerTokens) && maxAnswerTokens >= 1 && maxAnswerTokens <= 4096))
    throw bad(`An answer may have 1 to 4096 tokens, not ${maxAnswerTokens}.`);
  for (const text of [...questions, ...traces]) {
    if (text.trim() === '' || text.length > longestText)
      throw bad(`A question or text prompt has 1 to ${longestText} characters.`);
    // What a chat template or a placeholder in it makes impossible shows now, not in the middle of preparing.
    prompter.prompt(text, { images: 0 });
  }
}

async function lookAt(
  images: readonly NamedImage[],
  decode: DecodeImage,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<{ readonly taken: NamedImage[]; readonly refused: Refused[]; readonly largest: number }> {
  const report = progressMeter(
    { stage: 'Looking through images', total: Math.min(images.length, mostImages), unit: 'items' },
    onProgress,
  );
  const taken: NamedImage[] = [];
  const refused: Refused[] = [];
  let [largest, mostPixels] = [0, 0];
  for (const [index, image] of images.entries()) {
    if (taken.length === mostImages) {
      refused.push({ index, name: image.name, reason: `${mostImages} images are taken at most.` });
      continue;
    }
    report(index);
    const seen = await lookAtOne(image, decode);
    if (typeof seen === 'string') refused.push({ index, name: image.name, reason: seen });
    else {
      if (seen > mostPixels) [largest, mostPixels] = [taken.length, seen];
      taken.push(image);
    }
    await breathe(signal);
    checkCancelled(signal);
  }
  report(Math.min(images.length, mostImages));
  const [first] = refused;
  if (taken.length === 0)
    throw new StudioError(
      'bad-file',
      `None of ${images.length} files can be used. ${first?.name ?? ''}: ${first?.reason ?? ''}`,
      { details: { file: first?.name ?? '' } },
    );
  return { taken, refused, largest };
}

/** How many pixels it has, or why it cannot be calibrated on, in a sentence. */
async function lookAtOne(image: NamedImage, decode: DecodeImage): Promise<number | string> {
  try {
    const { width, height } = await readImage(image, decode);
    return width * height;
  } catch (thrown) {
    const { code, message } = toStudioError(thrown);
    if (code === 'device' || code === 'cancelled') throw thrown;
    // The name stands beside it.
    const bare = message.startsWith(`${image.name}: `) ? message.slice(image.name.length + 2) : message;
    return bare.charAt(0).toUpperCase() + bare.slice(1);
  }
}

/**
 * The session with this calibration in place of the one that it had. Null gives it the trio's own. What the
 * teachers said about the other calibration is forgotten.
 */
export function withCalibration(
  session: OpenSession,
  { own, refused, memory, findings }: ReadCalibration,
): { readonly session: OpenSession; readonly report: CalibrationReport } {
  const forward = requireForward(session);
  const set = own?.set ?? session.sets.calibration;
  forward.calibrateOn(set, own?.wholeImages ?? false);
  const { calibrationItems, secondTeacher, defaults, secondTeacherDefaults } = trioSettings(
    session,
    forward.plan,
    own,
  );
  const { facts } = session;
  const support = facts.forward.available
    ? {
        ...facts.forward,
        calibrationItems,
        secondTeacher,
        tracePrompts: tracesOf({ ...session, own })?.length ?? 0,
      }
    : facts.forward;
  return {
    session: {
      ...session,
      own,
      facts: { ...facts, memory, defaults, secondTeacherDefaults, forward: support },
    },
    report: {
      images: set?.images ?? 0,
      items: calibrationItems,
      traces: tracesOf({ ...session, own })?.length ?? 0,
      refused,
      findings,
      memory,
      secondTeacher,
      defaults,
      secondTeacherDefaults,
    },
  };
}
