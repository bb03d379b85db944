/** Asks the VLM, the LRM and the merged model one question about one image. */
import { StudioError } from '../../../core/errors.ts';
import { chosenStream } from '../../../core/merging/choose.ts';
import type { Answer, TryRequest, TryResult } from '../../../protocol/asking.ts';
import type { Target } from '../../../protocol/engine.ts';
import { factorBytes } from '../../../core/gates/factor-memory.ts';
import type { AnswerEvent, AskedModel, Progress } from '../../../protocol/events.ts';
import { beyondPositions } from '../../../core/family/text/positions.ts';
import { textForm, type Teacher } from '../../distill/calibration.ts';
import { generateAll } from '../../distill/generate-all.ts';
import { promptAbout } from '../../distill/image-features.ts';
import { isRight } from '../../evaluate/score.ts';
import { requireForward, type OpenSession } from '../opening/open-session.ts';
import { progressMeter, type StagePlan } from '../progress-meter.ts';
import { targetLinears } from '../target.ts';

const maxImagePixels = 2 ** 24;
const maxQuestionLength = 4000;
/** Between two reports of what is being said. */
const saidGapMs = 66;

export async function answerAll(
  session: OpenSession,
  request: TryRequest,
  onEvent: (event: AnswerEvent) => void,
  signal: AbortSignal,
): Promise<TryResult> {
  checkRequest(request);
  // Before anything is asked: a method that is none must not cost two answers.
  if (request.method) chosenStream(request.method);
  const forward = requireForward(session);
  const { image, question, lambda, gates, method = null, maxTokens, known = null } = request;
  /** A stage of what must be done before `who` can answer; it is told at once that it begins. */
  const stage = (who: AskedModel, plan: StagePlan) => {
    const report = progressMeter(plan, (progress: Progress) => onEvent({ type: 'progress', who, progress }));
    report(0);
    return report;
  };
  const loading = (who: AskedModel, name: string, total: number) => {
    let report: ReturnType<typeof stage> | null = null;
    let done = 0;
    return (bytes: number) => (report ??= stage(who, { stage: name, total, unit: 'bytes' }))((done += bytes));
  };
  const { checkpoints, facts } = session;
  const ofVlm = loading('vlm', 'Loading the VLM', checkpoints.vlm.sizeBytes);
  await forward.text(signal, ofVlm);
  await forward.vision(signal, ofVlm);
  const images = await forward.features(
    1,
    () => image,
    stage('vlm', { stage: 'Looking at the image', total: 1, unit: 'items' }),
    signal,
  );

  const ofSight = { label: checkpoints.vlm.label, maxPositions: forward.plan.spec.text.maxPositions };
  /** What each was made for; the merged model is the VLM in this. */
  const made = {
    vlm: ofSight,
    lrm: { label: checkpoints.lrm.label, maxPositions: forward.plan.lrm.maxPositions },
    merged: { ...ofSight, label: 'the merged model' },
  };
  const ask = async (
    model: Teacher,
    text: string,
    who: AskedModel,
    onText: (said: Answer, ended: boolean) => void,
  ): Promise<Answer> => {
    const begunMs = performance.now();
    let saidMs = -Infinity;
    const said = (ids: readonly number[]): Answer => ({
      text: model.prompter.decode(ids),
      tokens: ids.length,
      elapsedMs: performance.now() - begunMs,
    });
    onText({ text: '', tokens: 0, elapsedMs: 0 }, false);
    const prompt = promptAbout(model.prompter, model.images, text, model.images ? 0 : null);
    const [ids = []] = await generateAll(
      model,
      [{ prompt, image: model.images ? 0 : null }],
      maxTokens,
      () => undefined,
      signal,
      (_, soFar) => {
        if (performance.now() - saidMs < saidGapMs) return;
        saidMs = performance.now();
        onText(said(soFar), false);
      },
    );
    const answer = said(ids);
    onText(answer, true);
    const { label, maxPositions } = made[who];
    for (const finding of beyondPositions(label, prompt.length + ids.length, maxPositions))
      onEvent({ type: 'finding', who, finding });
    return answer;
  };
  const saying = (who: AskedModel) => (answer: Answer, ended: boolean) =>
    onEvent({ type: 'said', who, ...answer, ended });

  const vlm = await forward.vlmTeacher(images, signal);
  const seen = await ask(vlm, question, 'vlm', saying('vlm'));
  const transcription = session.manifest?.transcriptionPrompt ?? null;
  const transcribe = async (how: string): Promise<string> => {
    const plan = { stage: 'The VLM reads the image out', total: maxTokens, unit: 'tokens' } as const;
    const reading = stage('lrm', plan);
    return (await ask(vlm, how, 'vlm', ({ tokens }) => reading(tokens))).text;
  };
  const transcript = transcription === null ? '' : await transcribe(transcription);
  const prompt = textForm(transcript, question);
  const reasoner = await forward.lrmTeacher(
    signal,
    loading('lrm', 'Loading the reasoning model', checkpoints.lrm.sizeBytes),
  );
  const lrm = { ...(await ask(reasoner, prompt, 'lrm', saying('lrm'))), prompt, transcript };
  const target: Target = method ? { kind: 'method', method } : { kind: 'merged', lambda, gates };
  if (!method)
    await forward.factors(
      signal,
      loading('merged', 'Loading the factors', factorBytes(facts.layout, facts.slots)),
    );
  const { linears, named, dispose } = await targetLinears(
    session,
    target,
    signal,
    stage('merged', { stage: 'Merging weights', total: facts.slots.length, unit: 'matrices' }),
  );
  try {
    const merged = await ask({ ...vlm, linears, named }, question, 'merged', saying('merged'));
    const right = ({ text }: Answer) => (known ? isRight(text, known.answer, known.scoring) : null);
    return { vlm: seen, lrm, merged, right: { vlm: right(seen), lrm: right(lrm), merged: right(merged) } };
  } finally {
    dispose();
  }
}

function checkRequest({ image: { width, height, data }, question, maxTokens }: TryRequest): void {
  const bad = (message: string) => new StudioError('bad-request', message);
  if (
    !(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0) ||
    width * height > maxImagePixels
  )
    throw bad(`An image of ${width} × ${height} pixels cannot be used.`);
  if (data.length !== 4 * width * height)
    throw bad(`The image has ${data.length} bytes instead of 4 for each of its ${width} × ${height} pixels.`);
  if (question.length === 0 || question.length > maxQuestionLength)
    throw bad(`A question must have 1 to ${maxQuestionLength} characters, not ${question.length}.`);
  if (!(Number.isInteger(maxTokens) && maxTokens >= 1 && maxTokens <= 4096))
    throw bad(`An answer may have 1 to 4096 tokens, not ${maxTokens}.`);
}
