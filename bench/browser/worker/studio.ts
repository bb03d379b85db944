/** The demo trio as the studio runs it: its engine for the steps of a run, its generation for answers. */
import type { EngineApi } from '../../../protocol/engine.ts';
import type { Losses } from '../../../core/objective/terms.ts';
import { generateAll, type Asked, type Question } from '../../../workers/distill/generate-all.ts';
import { createEngine } from '../../../workers/engine/create-engine.ts';
import type { EngineDeps } from '../../../workers/engine/engine-deps.ts';
import { manifestAt } from '../../../workers/engine/opening/manifest-url.ts';
import { openTrio } from '../../../workers/engine/opening/open-trio.ts';
import { memoryFactorCache } from '../../../workers/io/cache/memory-factor-cache.ts';
import type { StudioTasks } from '../api.ts';
import { startOn } from './device.ts';

const source = { kind: 'manifest', url: '/models/demo/manifest.json' } as const;
const unlimitedSteps = 1_000_000;
const absent = (): never => {
  throw new Error('Nothing is fetched from elsewhere nor exported here.');
};

export function studioTasks(): StudioTasks {
  const parts: Omit<EngineDeps, 'startBackend'> = {
    openManifest: manifestAt,
    openHub: absent,
    openOutput: absent,
    cache: memoryFactorCache(),
  };
  let engine: EngineApi | null = null;
  let lastLosses: Losses | null = null;
  let answering: {
    readonly rows: number;
    readonly asked: Asked;
    readonly questions: readonly Question[];
    readonly maxTokens: number;
  } | null = null;
  let lastAnswers: number[][] = [];
  const { signal } = new AbortController();

  return {
    async startRun(device) {
      engine = createEngine({ ...parts, startBackend: async () => (await startOn(device)).report });
      await engine.connect(device);
      const { defaults } = await engine.open('open', source, () => undefined);
      void engine
        .distill('run', { ...defaults, steps: unlimitedSteps }, (event) => {
          if (event.type === 'step') lastLosses = event.losses;
        })
        .catch((error: unknown) => queueMicrotask(() => Promise.reject(error)));
      await engine.pause();
    },
    async stepMs(count) {
      const begun = performance.now();
      await engine?.step(count);
      return (performance.now() - begun) / count;
    },
    endRun: async () => engine?.stop(),
    losses: async () => lastLosses,

    async generateMs(device, rows) {
      await startOn(device);
      if (answering?.rows !== rows) {
        const { forward, sets, maxAnswerTokens } = await openTrio(
          'bench',
          source,
          { openManifest: manifestAt, cache: memoryFactorCache(), workers: { spawn: null, count: 1 } },
          { onEvent: () => undefined, signal },
        );
        if (!forward || !sets.calibration) throw new Error('The demo trio cannot be run.');
        const asked = await forward.vlmTeacher(
          await forward.setFeatures('calibration', sets.calibration.images, () => undefined, signal),
          signal,
        );
        const questions = sets.calibration.items
          .slice(0, rows)
          .map(({ image, prompt }) => ({ image, prompt: asked.prompter.prompt(prompt, { images: 1 }) }));
        answering = { rows, asked, questions, maxTokens: maxAnswerTokens };
      }
      const begun = performance.now();
      lastAnswers = await generateAll(
        answering.asked,
        answering.questions,
        answering.maxTokens,
        () => undefined,
        signal,
      );
      return performance.now() - begun;
    },
    answers: async () => lastAnswers,
  };
}
