/** What the fake engine measures and answers: figures from the mean gate, answers that repeat the question. */
import type { KeptFigures } from '../../core/recipe/kept-figures.ts';
import type { TryRequest, TryResult } from '../../protocol/asking.ts';
import type { EngineApi, Evaluation, JobId, Score, Target } from '../../protocol/engine.ts';
import type { AnswerEvent, AskedModel, Progress } from '../../protocol/events.ts';
import type { FakeState } from './fake-state.ts';

const score = (rate: number, total: number): Score => {
  const correct = Math.round(Math.min(1, Math.max(0, rate)) * total);
  const p = correct / total;
  const half = 1.96 * Math.sqrt((p * (1 - p)) / total + 1 / (4 * total * total));
  return { correct, total, low: Math.max(0, p - half), high: Math.min(1, p + half) };
};

/** Kept as the engine keeps them: under what was measured. */
function withScores(
  figures: KeptFigures | null,
  of: string,
  scores: Readonly<Record<string, Score>>,
): KeptFigures {
  const metrics = Object.entries(scores).map(([name, { correct, total, low, high }]) => ({
    name,
    correct,
    total,
    low,
    high,
    backend: 'fake',
  }));
  const { scores: before = [], ...rest } = figures ?? {
    factors: 'f'.repeat(64),
    vlm: 'a'.repeat(64),
    steps: 0,
    runs: [],
  };
  return { ...rest, scores: [...before.filter((known) => known.of !== of), { of, metrics }] };
}

export function fakeMeasuring(fake: FakeState): Pick<EngineApi, 'evaluate' | 'answer'> {
  return {
    evaluate: (job: JobId, what: Target, limit: number | null, onProgress: (progress: Progress) => void) =>
      fake.within(job, async (check) => {
        fake.fail('evaluate');
        fake.opened();
        for (let done = 1; done <= 4; done++) {
          await fake.wait(fake.stepMs);
          check();
          onProgress(fake.progress('Measuring', done, 4, 'items'));
        }
        const open =
          what.kind === 'vlm'
            ? 0
            : what.kind === 'method'
              ? 0.5
              : typeof what.gates === 'number'
                ? what.lambda * what.gates
                : (what.lambda * what.gates.reduce((sum, v) => sum + v, 0)) / fake.field.values.length;
        const perception = score(0.99 - 0.3 * open * open, Math.min(540, limit ?? 540));
        const reasoning = score(
          open < 0.4 ? 0 : 0.9 * Math.min(1, (open - 0.4) * 1.6),
          Math.min(420, limit ?? 420),
        );
        const evaluation: Evaluation = {
          perception,
          reasoning,
          byTask: { read: perception, solve: reasoning },
          elapsedMs: 4 * fake.stepMs,
        };
        fake.figures = withScores(fake.figures, `${what.kind} ${open}`, { perception, reasoning });
        return evaluation;
      }),

    answer: (job: JobId, request: TryRequest, onEvent: (event: AnswerEvent) => void) =>
      fake.within(job, async (check) => {
        fake.fail('answer');
        fake.opened();
        const answer = async (who: AskedModel, text: string) => {
          onEvent({ type: 'progress', who, progress: fake.progress('Loading', 0, 1, 'items') });
          for (let tokens = 1; tokens <= text.length; tokens++) {
            await fake.wait(fake.stepMs);
            check();
            const ended = tokens === text.length;
            const elapsedMs = tokens * fake.stepMs;
            onEvent({ type: 'said', who, text: text.slice(0, tokens), tokens, elapsedMs, ended });
          }
          return { text, tokens: text.length, elapsedMs: text.length * fake.stepMs };
        };
        const { question, method } = request;
        const result: TryResult = {
          vlm: await answer('vlm', `vlm:${question}`),
          lrm: {
            ...(await answer('lrm', `lrm:${question}`)),
            prompt: `3+4*2${question}`,
            transcript: '3+4*2',
          },
          merged: await answer('merged', `${method?.id ?? 'merged'}:${question}`),
          right: { vlm: null, lrm: null, merged: null },
        };
        return result;
      }),
  };
}
