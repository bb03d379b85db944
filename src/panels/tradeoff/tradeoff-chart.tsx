/** Perception against reasoning, each point with its 95 % intervals. */
import type { ReactNode } from 'react';
import {
  CartesianGrid,
  ErrorBar,
  ResponsiveContainer,
  Scatter,
  ScatterChart,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import chart from '../../ui/chart.module.css';
import { formatRate } from '../../ui/format.ts';
import type { Score } from '../../../protocol/engine.ts';
import { hiddenUnder, labelOf, labelPlaces } from './labels.ts';
import { kindColor, Mark, type Kind } from './marks.tsx';
import { axisDomain, axisTicks, byLambda, trails, type PlotPoint } from './points.ts';
import css from './tradeoff.module.css';
import { rateOf } from './verdict.ts';

/** What is drawn, from back to front; points of one layer are joined by a line. */
function layersOf(points: readonly PlotPoint[]): { kind: Kind; key: string; own: PlotPoint[] }[] {
  const of = (kind: Kind): PlotPoint[] => points.filter(({ measurement }) => measurement.kind === kind);
  const layers = [
    { kind: 'task-arithmetic', key: 'sweep', own: of('task-arithmetic').toSorted(byLambda) },
    ...trails(points).map((own, run) => ({ kind: 'snapshot', key: `run-${run}`, own }) as const),
    // Each by itself: no line joins merges by different methods.
    ...of('method').map(
      (point) => ({ kind: 'method', key: point.measurement.id, own: [point] as PlotPoint[] }) as const,
    ),
    { kind: 'vlm', key: 'vlm', own: of('vlm') },
    { kind: 'current', key: 'current', own: of('current') },
  ] as const;
  return layers.filter(({ own }) => own.length > 0).map((layer) => ({ ...layer }));
}

const scoreLine = (score: Score): string =>
  `${formatRate(rateOf(score))} (${(100 * score.low).toFixed(1)}–${(100 * score.high).toFixed(1)}), ${score.correct}/${score.total}`;

interface PointTooltipProps {
  readonly payload?: readonly { payload?: PlotPoint }[];
  readonly hidden: (point: PlotPoint) => readonly PlotPoint[];
}

function PointTooltip({ payload, hidden }: PointTooltipProps): ReactNode {
  const point = payload?.[0]?.payload;
  if (!point) return null;
  const { label, lambda, step, evaluation, kind } = point.measurement;
  const under = hidden(point).map(({ measurement }) => labelOf(measurement) || measurement.label);
  return (
    <div className={`${chart.tooltip} ${css.tooltip}`}>
      <strong>{label}</strong>
      {kind !== 'vlm' && kind !== 'method' && (
        <span className={css.dim}>
          λ {lambda}
          {step !== null && `, step ${step}`}
        </span>
      )}
      <span>Perception {scoreLine(evaluation.perception)}</span>
      <span>Reasoning {scoreLine(evaluation.reasoning)}</span>
      {under.length > 0 && <span className={css.dim}>At the same place: {under.join(', ')}</span>}
      {point.stale && <span className={css.dim}>Measured before the last change of gates or λ</span>}
    </div>
  );
}

export default function TradeoffChart({ points }: { points: readonly PlotPoint[] }): ReactNode {
  const x = axisDomain(
    points.flatMap((p) => [p.perception - p.perceptionError[0], p.perception + p.perceptionError[1]]),
  );
  const y = axisDomain(
    points.flatMap((p) => [p.reasoning - p.reasoningError[0], p.reasoning + p.reasoningError[1]]),
  );
  const places = labelPlaces(points, x, y);
  const axis = {
    type: 'number',
    tick: { className: chart.tick },
    stroke: 'var(--border-strong)',
    tickLine: false,
  } as const;
  return (
    <ResponsiveContainer width="100%" height="100%" debounce={80}>
      <ScatterChart margin={{ top: 12, right: 10, bottom: 2, left: 0 }}>
        <CartesianGrid stroke="var(--grid)" />
        <XAxis
          {...axis}
          dataKey="perception"
          domain={x}
          ticks={axisTicks(x)}
          height={30}
          label={{ value: 'perception %', position: 'insideBottom', offset: 2, className: css.axis ?? '' }}
        />
        <YAxis
          {...axis}
          dataKey="reasoning"
          domain={y}
          ticks={axisTicks(y)}
          width={44}
          label={{
            value: 'reasoning %',
            angle: -90,
            position: 'insideLeft',
            offset: 12,
            className: css.axis ?? '',
            style: { textAnchor: 'middle' },
          }}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={false}
          content={<PointTooltip hidden={(point) => hiddenUnder(point, points, x, y)} />}
        />
        {layersOf(points).map(({ kind, key, own }) => {
          const color = kindColor[kind];
          return (
            <Scatter
              key={key}
              data={own}
              fill={color}
              shape={<Mark places={places} />}
              isAnimationActive={false}
              {...(own.length > 1
                ? {
                    line: {
                      stroke: color,
                      strokeWidth: 1.3,
                      strokeDasharray: kind === 'task-arithmetic' ? '4 3' : '0',
                    },
                  }
                : {})}
            >
              <ErrorBar
                dataKey="perceptionError"
                direction="x"
                width={0}
                stroke={color}
                strokeWidth={1}
                opacity={0.55}
                isAnimationActive={false}
              />
              <ErrorBar
                dataKey="reasoningError"
                direction="y"
                width={0}
                stroke={color}
                strokeWidth={1}
                opacity={0.55}
                isAnimationActive={false}
              />
            </Scatter>
          );
        })}
      </ScatterChart>
    </ResponsiveContainer>
  );
}
