/**
 * Progress of one stage with an estimate of the time left. It is reported at most about 15 times a second,
 * and the first and the last report are always made.
 */
import type { Progress } from '../../protocol/events.ts';

const gapMs = 66;

export interface StagePlan {
  readonly stage: string;
  readonly total: number;
  readonly unit: Progress['unit'];
}

/**
 * @param etaMs time left, where it is known better than from done / total (matrices of unequal size); null
 * where it is not known
 */
export type Report = (done: number, etaMs?: number | null) => void;

export function progressMeter({ stage, total, unit }: StagePlan, send: (progress: Progress) => void): Report {
  const begunMs = performance.now();
  let sentMs = -Infinity;
  return (done, etaMs) => {
    const nowMs = performance.now();
    if (nowMs - sentMs < gapMs && done < total) return;
    sentMs = nowMs;
    const elapsedMs = nowMs - begunMs;
    const share = total > 0 ? done / total : 1;
    const steady = share > 0 ? elapsedMs * (1 / share - 1) : null;
    send({ stage, done, total, unit, elapsedMs, etaMs: etaMs === undefined ? steady : etaMs });
  };
}

/** Of a job that waits for its turn, in which there is nothing to count. */
export const waitingFor = (holder: string): Progress => ({
  stage: `Waiting for ${holder} to end`,
  done: 0,
  total: 0,
  unit: 'items',
  elapsedMs: 0,
  etaMs: null,
});
