/** The marks of the plot: shape says what a point is, hollow says that it is older than the gates. */
import type { ReactNode } from 'react';
import type { Measurement } from '../../state/records.ts';
import { testIds } from '../../ui/test-ids.ts';
import { labelOf, type LabelPlace } from './labels.ts';
import type { PlotPoint } from './points.ts';
import css from './tradeoff.module.css';

export type Kind = Measurement['kind'];

export const kindColor: Record<Kind, string> = {
  vlm: 'var(--vision)',
  'task-arithmetic': 'var(--neutral-mark)',
  method: 'var(--neutral-mark)',
  snapshot: 'var(--reason)',
  current: 'var(--reason)',
};

function Shape({ kind, x, y, hollow }: { kind: Kind; x: number; y: number; hollow: boolean }): ReactNode {
  const paint = {
    fill: hollow ? 'var(--surface)' : kindColor[kind],
    stroke: kindColor[kind],
    strokeWidth: 1.8,
  };
  switch (kind) {
    case 'vlm':
      return <path d={`M${x} ${y - 6}L${x + 6} ${y}L${x} ${y + 6}L${x - 6} ${y}Z`} {...paint} />;
    case 'task-arithmetic':
      return <rect x={x - 3.2} y={y - 3.2} width={6.4} height={6.4} {...paint} />;
    case 'method':
      return <path d={`M${x} ${y - 5}L${x + 5} ${y + 4}L${x - 5} ${y + 4}Z`} {...paint} />;
    case 'snapshot':
      return <circle cx={x} cy={y} r={3} {...paint} />;
    case 'current':
      return <circle cx={x} cy={y} r={6} {...paint} />;
    default:
      return kind satisfies never;
  }
}

/** What recharts calls for each point of a scatter. */
export function Mark({
  cx,
  cy,
  payload,
  places,
}: {
  cx?: number;
  cy?: number;
  payload?: PlotPoint;
  places: ReadonlyMap<string, LabelPlace>;
}): ReactNode {
  if (cx === undefined || cy === undefined || !payload) return null;
  const { kind, id } = payload.measurement;
  const place = places.get(id);
  return (
    <g data-testid={testIds.point} data-kind={kind}>
      <Shape kind={kind} x={cx} y={cy} hollow={payload.stale} />
      {place && (
        <text
          className={`${css.pointLabel} ${kind === 'current' || kind === 'vlm' ? css.strong : ''}`}
          x={cx + place.dx}
          y={cy + place.dy}
          textAnchor={place.anchor}
        >
          {labelOf(payload.measurement)}
        </text>
      )}
    </g>
  );
}

/** The same mark, still, for the legend. */
export function LegendMark({ kind, hollow = false }: { kind: Kind; hollow?: boolean }): ReactNode {
  return (
    <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden>
      <Shape kind={kind} x={7} y={7} hollow={hollow} />
    </svg>
  );
}
