/** Measurements as points of the plot, in percent, with their intervals; and the axes that hold them. */
import type { Score } from '../../../protocol/engine.ts';
import type { Measurement } from '../../state/records.ts';
import { rateOf } from './verdict.ts';

export interface PlotPoint {
  readonly perception: number;
  readonly reasoning: number;
  /** Distances below and above, as error bars want them. */
  readonly perceptionError: readonly [number, number];
  readonly reasoningError: readonly [number, number];
  readonly stale: boolean;
  readonly measurement: Measurement;
}

const spread = (score: Score): readonly [number, number] => [
  100 * Math.max(0, rateOf(score) - score.low),
  100 * Math.max(0, score.high - rateOf(score)),
];

export function plotPoint(measurement: Measurement, stale: boolean): PlotPoint {
  const { perception, reasoning } = measurement.evaluation;
  return {
    perception: 100 * rateOf(perception),
    reasoning: 100 * rateOf(reasoning),
    perceptionError: spread(perception),
    reasoningError: spread(reasoning),
    stale,
    measurement,
  };
}

/**
 * Whole tens that hold all values with their intervals, at least 20 wide, within 0–100 plus a little room for
 * the marks.
 */
export function axisDomain(values: readonly number[]): [number, number] {
  const low = Math.max(0, Math.floor((Math.min(...values, 100) - 1) / 10) * 10);
  const high = Math.min(100, Math.ceil((Math.max(...values, 0) + 1) / 10) * 10);
  if (high - low >= 20) return [low, high];
  return high === 100 ? [80, 100] : [low, low + 20];
}

export function axisTicks([low, high]: readonly [number, number]): number[] {
  const stride = high - low > 50 ? 20 : 10;
  const ticks = [];
  for (let tick = Math.ceil(low / stride) * stride; tick <= high; tick += stride) ticks.push(tick);
  return ticks;
}

export const byLambda = (a: PlotPoint, b: PlotPoint): number => a.measurement.lambda - b.measurement.lambda;

/**
 * The snapshots, in the order they were taken, as one trail a run: a step that is not later begins a new one.
 */
export function trails(points: readonly PlotPoint[]): PlotPoint[][] {
  const found: PlotPoint[][] = [];
  for (const point of points) {
    if (point.measurement.kind !== 'snapshot') continue;
    const last = found.at(-1)?.at(-1);
    if (last && (point.measurement.step ?? 0) > (last.measurement.step ?? 0)) found.at(-1)?.push(point);
    else found.push([point]);
  }
  return found;
}
