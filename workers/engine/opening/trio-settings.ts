/**
 * What a trio is calibrated on and with which settings it begins: its manifest's, a person's own, or the
 * method's.
 */
import { defaultOptions, type DistillOptions } from '../../../core/objective/options.ts';
import type { Session } from '../../../protocol/session.ts';
import type { ForwardPlan } from '../forward.ts';
import { plainAnswerTokens, plainSecondTeacher, largestBatch } from './manifest.ts';
import type { OpenSession } from './open-session.ts';
import type { OwnCalibration } from '../running/own-calibration.ts';

type Brought = Pick<OpenSession, 'manifest' | 'sets' | 'traces'>;

export interface TrioSettings {
  readonly calibrationItems: number;
  readonly secondTeacher: boolean;
  readonly defaults: DistillOptions;
  readonly secondTeacherDefaults: Session['secondTeacherDefaults'];
}

/** @param plan null where the models cannot be run */
export function trioSettings(
  { manifest, sets, traces }: Brought,
  plan: Pick<ForwardPlan, 'sharedTokens' | 'spec'> | null,
  own: OwnCalibration | null,
): TrioSettings {
  const given = manifest?.defaults ?? defaultOptions;
  // A manifest's batch was chosen for its own samples.
  const batchSize =
    plan && (own || !manifest)
      ? Math.min(
          given.batchSize,
          largestBatch(plan.spec.text.vocabSize, own?.maxAnswerTokens ?? plainAnswerTokens),
        )
      : given.batchSize;
  const composed = sets.composed !== null && manifest !== null && manifest.transcriptionPrompt !== null;
  return {
    calibrationItems: (own?.set ?? sets.calibration)?.items.length ?? 0,
    secondTeacher: plan?.sharedTokens === true && (composed || (own?.traces ?? traces) !== null),
    defaults: { ...given, batchSize },
    // Prompts that a person gave are what they want taught.
    secondTeacherDefaults: own?.traces
      ? { alpha: given.alpha / 2, beta: 1, gamma: 0 }
      : (manifest?.secondTeacher ?? plainSecondTeacher),
  };
}

export const tracesOf = ({ own, traces }: Pick<OpenSession, 'own' | 'traces'>): readonly string[] | null =>
  own?.traces ?? traces;
