/** Measures a target on the trio's perception and reasoning sets. */
import type { Ability } from '../../../protocol/session.ts';
import { StudioError } from '../../../core/errors.ts';
import { chosenStream } from '../../../core/merging/choose.ts';
import { factorBytes } from '../../../core/gates/factor-memory.ts';
import type { Evaluation, Target } from '../../../protocol/engine.ts';
import type { Progress } from '../../../protocol/events.ts';
import { evaluate, type Exam } from '../../evaluate/evaluate.ts';
import { missingSet, requireForward, type OpenSession } from '../opening/open-session.ts';
import { progressMeter } from '../progress-meter.ts';
import { targetGates, targetLinears } from '../target.ts';

export async function measure(
  session: OpenSession,
  target: Target,
  limit: number | null,
  backend: string,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Evaluation> {
  if (limit !== null && !(Number.isInteger(limit) && limit > 0))
    throw new StudioError(
      'bad-request',
      `The number of items to measure must be a whole number from 1, not ${limit}.`,
    );
  if (target.kind === 'method') chosenStream(target.method);
  const forward = requireForward(session);
  const loading = progressMeter(
    { stage: 'Loading the VLM', total: session.checkpoints.vlm.sizeBytes, unit: 'bytes' },
    onProgress,
  );
  let loaded = 0;
  const count = (bytes: number) => loading((loaded += bytes));
  await forward.text(signal, count);
  const exam = async (name: Ability): Promise<Exam> => {
    const set = session.sets[name];
    if (!set) throw missingSet(name);
    const chosen = limit === null ? set.items : set.items.slice(0, limit);
    const images = Math.max(0, ...chosen.map(({ image }) => image + 1));
    if (!forward.hasFeatures(name, images)) await forward.vision(signal, count);
    const report = progressMeter({ stage: 'Looking at images', total: images, unit: 'items' }, onProgress);
    return {
      items: set.items,
      scoring: set.scoring,
      images: await forward.setFeatures(name, images, (done) => report(done), signal),
    };
  };
  const exams = { perception: await exam('perception'), reasoning: await exam('reasoning') };
  const teacher = await forward.vlmTeacher(null, signal);
  if (target.kind === 'merged') {
    const uploading = progressMeter(
      {
        stage: 'Loading the factors',
        total: factorBytes(session.facts.layout, session.facts.slots),
        unit: 'bytes',
      },
      onProgress,
    );
    let uploaded = 0;
    await forward.factors(signal, (bytes) => uploading((uploaded += bytes)));
  }
  const gates = target.kind === 'merged' ? targetGates(session, target.gates) : null;
  const merging = progressMeter(
    { stage: 'Merging weights', total: session.facts.slots.length, unit: 'matrices' },
    onProgress,
  );
  const { linears, named, dispose } = await targetLinears(
    session,
    target,
    signal,
    target.kind === 'method' ? merging : undefined,
  );
  try {
    const total = [exams.perception, exams.reasoning].reduce(
      (sum, { items }) => sum + Math.min(limit ?? Infinity, items.length),
      0,
    );
    const report = progressMeter({ stage: 'Answering', total, unit: 'items' }, onProgress);
    const evaluation = await evaluate({ ...teacher, linears, named }, exams, {
      limit,
      maxTokens: session.maxAnswerTokens,
      onDone: (done) => report(done),
      signal,
    });
    if (target.kind === 'merged' && gates)
      await session.figures.measured(
        {
          gates,
          lambda: target.lambda,
          budget: session.facts.layout.budget,
          basis: session.facts.basis,
        },
        evaluation,
        backend,
      );
    if (target.kind === 'method') {
      const { method, settings } = chosenStream(target.method);
      await session.figures.measured({ method: { id: method.id, settings } }, evaluation, backend);
    }
    return evaluation;
  } finally {
    dispose();
  }
}
