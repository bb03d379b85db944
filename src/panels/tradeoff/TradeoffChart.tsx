/** Perception against reasoning, each point with its 95 % intervals. */
import type { ReactNode } from 'react';
import { CartesianGrid, ErrorBar, ResponsiveContainer, Scatter, ScatterChart, Tooltip, XAxis, YAxis } from 'recharts';
import chart from '../../ui/chart.module.css';
import { formatRate } from '../../ui/format.ts';
import type { Score } from '../../protocol/engine.ts';
import { kindColor, Mark, type Kind } from './marks.tsx';
import { axisDomain, axisTicks, byLambda, byStep, labelledPoints, type PlotPoint } from './points.ts';
import css from './Tradeoff.module.css';
import { rateOf } from './verdict.ts';

const layers: readonly { kind: Kind; joined: boolean; order: ((a: PlotPoint, b: PlotPoint) => number) | null }[] = [
  { kind: 'task-arithmetic', joined: true, order: byLambda },
  { kind: 'snapshot', joined: true, order: byStep },
  { kind: 'vlm', joined: false, order: null },
  { kind: 'current', joined: false, order: null },
];

const scoreLine = (score: Score): string => `${formatRate(rateOf(score))} (${formatRate(score.low)} – ${formatRate(score.high)}), ${score.correct} of ${score.total}`;

function PointTooltip({ payload }: { payload?: readonly { payload?: PlotPoint }[] }): ReactNode {
  const point = payload?.[0]?.payload;
  if (!point) return null;
  const { label, lambda, step, evaluation, kind } = point.measurement;
  return (
    <div className={`${chart.tooltip} ${css.tooltip}`}>
      <strong>{label}</strong>
      {kind !== 'vlm' && (
        <span className={css.dim}>
          λ {lambda}
          {step !== null && `, step ${step}`}
        </span>
      )}
      <span>Perception {scoreLine(evaluation.perception)}</span>
      <span>Reasoning {scoreLine(evaluation.reasoning)}</span>
      {point.stale && <span className={css.dim}>Measured before the last change of gates or λ</span>}
    </div>
  );
}

export default function TradeoffChart({ points }: { points: readonly PlotPoint[] }): ReactNode {
  const x = axisDomain(points.flatMap((p) => [p.perception - p.perceptionError[0], p.perception + p.perceptionError[1]]));
  const y = axisDomain(points.flatMap((p) => [p.reasoning - p.reasoningError[0], p.reasoning + p.reasoningError[1]]));
  const labelled = labelledPoints(points, x, y);
  const axis = { type: 'number', tick: { className: chart.tick }, stroke: 'var(--border-strong)', tickLine: false } as const;
  return (
    <ResponsiveContainer width="100%" height="100%" debounce={80}>
      <ScatterChart margin={{ top: 12, right: 10, bottom: 2, left: 0 }}>
        <CartesianGrid stroke="var(--grid)" />
        <XAxis {...axis} dataKey="perception" domain={x} ticks={axisTicks(x)} height={30} label={{ value: 'perception %', position: 'insideBottom', offset: 2, className: css.axis ?? '' }} />
        <YAxis {...axis} dataKey="reasoning" domain={y} ticks={axisTicks(y)} width={44} label={{ value: 'reasoning %', angle: -90, position: 'insideLeft', offset: 12, className: css.axis ?? '', style: { textAnchor: 'middle' } }} />
        <Tooltip isAnimationActive={false} cursor={false} content={<PointTooltip />} />
        {layers.map(({ kind, joined, order }) => {
          const own = points.filter(({ measurement }) => measurement.kind === kind);
          if (own.length === 0) return null;
          const color = kindColor[kind];
          return (
            <Scatter
              key={kind}
              data={order ? own.toSorted(order) : own}
              fill={color}
              shape={<Mark labelled={labelled} />}
              isAnimationActive={false}
              {...(joined && own.length > 1 ? { line: { stroke: color, strokeWidth: 1.3, strokeDasharray: kind === 'task-arithmetic' ? '4 3' : '0' } } : {})}
            >
              <ErrorBar dataKey="perceptionError" direction="x" width={0} stroke={color} strokeWidth={1} opacity={0.55} isAnimationActive={false} />
              <ErrorBar dataKey="reasoningError" direction="y" width={0} stroke={color} strokeWidth={1} opacity={0.55} isAnimationActive={false} />
            </Scatter>
          );
        })}
      </ScatterChart>
    </ResponsiveContainer>
  );
}
