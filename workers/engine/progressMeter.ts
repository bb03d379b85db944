/** Progress of one stage with an estimate of the time left, at most ~15 reports a second; the first and the last always. */
import type { Progress } from '../../src/protocol/events.ts';

const gapMs = 66;

export interface StagePlan {
  readonly stage: string;
  readonly total: number;
  readonly unit: Progress['unit'];
}

/** @param work how much of the work is done, in [0, 1], where that is not done / total (matrices of unequal size) */
export type Report = (done: number, work?: number) => void;

export function progressMeter({ stage, total, unit }: StagePlan, send: (progress: Progress) => void): Report {
  const begunMs = performance.now();
  let sentMs = -Infinity;
  return (done, work = total > 0 ? done / total : 1) => {
    const nowMs = performance.now();
    if (nowMs - sentMs < gapMs && done < total) return;
    sentMs = nowMs;
    const elapsedMs = nowMs - begunMs;
    send({ stage, done, total, unit, elapsedMs, etaMs: work > 0 ? elapsedMs * (1 / work - 1) : null });
  };
}
