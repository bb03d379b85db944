/** Asks the VLM, the LRM and the merged model one question about one image. */
import { StudioError } from '../../../core/errors.ts';
import { chosenStream } from '../../../core/merging/choose.ts';
import type { Answer, Target, TryRequest, TryResult } from '../../../protocol/engine.ts';
import { textForm, type Teacher } from '../../distill/calibration.ts';
import { generateAll } from '../../distill/generate-all.ts';
import { promptAbout } from '../../distill/image-features.ts';
import { requireForward, type OpenSession } from '../opening/open-session.ts';
import { targetLinears } from '../target.ts';

const maxImagePixels = 2 ** 24;
const maxQuestionLength = 4000;

export async function answerAll(
  session: OpenSession,
  request: TryRequest,
  signal: AbortSignal,
): Promise<TryResult> {
  checkRequest(request);
  // Before anything is asked: a method that is none must not cost two answers.
  if (request.method) chosenStream(request.method);
  const forward = requireForward(session);
  const { image, question, lambda, gates, method = null, maxTokens } = request;
  const images = await forward.features(
    1,
    () => image,
    () => undefined,
    signal,
  );

  const ask = async (model: Teacher, text: string): Promise<Answer> => {
    const begunMs = performance.now();
    const prompt = promptAbout(model.prompter, model.images, text, model.images ? 0 : null);
    const [ids = []] = await generateAll(
      model,
      [{ prompt, image: model.images ? 0 : null }],
      maxTokens,
      () => undefined,
      signal,
    );
    return { text: model.prompter.decode(ids), tokens: ids.length, elapsedMs: performance.now() - begunMs };
  };

  const vlm = await forward.vlmTeacher(images, signal);
  const seen = await ask(vlm, question);
  const transcription = session.manifest?.transcriptionPrompt ?? null;
  const transcript = transcription === null ? '' : (await ask(vlm, transcription)).text;
  const prompt = textForm(transcript, question);
  const lrm = { ...(await ask(await forward.lrmTeacher(signal), prompt)), prompt };
  const target: Target = method ? { kind: 'method', method } : { kind: 'merged', lambda, gates };
  const { linears, dispose } = await targetLinears(session, target, signal);
  try {
    return { vlm: seen, lrm, merged: await ask({ ...vlm, linears }, question) };
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
