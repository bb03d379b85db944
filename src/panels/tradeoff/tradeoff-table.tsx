/** The plot as a table: every point, its scores and intervals. */
import type { ReactNode } from 'react';
import type { Score } from '../../../protocol/engine.ts';
import { formatRate } from '../../ui/format.ts';
import type { PlotPoint } from './points.ts';
import css from './tradeoff.module.css';
import { rateOf } from './verdict.ts';

function Cell({ score }: { score: Score }): ReactNode {
  return (
    <td>
      {formatRate(rateOf(score))}
      <small>
        {formatRate(score.low)} – {formatRate(score.high)}
      </small>
    </td>
  );
}

export function TradeoffTable({ points }: { points: readonly PlotPoint[] }): ReactNode {
  return (
    <table className={css.table}>
      <caption className="visually-hidden">Measurements with 95 % intervals</caption>
      <thead>
        <tr>
          <th scope="col">Model</th>
          <th scope="col">Perception</th>
          <th scope="col">Reasoning</th>
        </tr>
      </thead>
      <tbody>
        {points.map(({ measurement: { id, label, evaluation }, stale }) => (
          <tr key={id}>
            <td>
              {label}
              <small>
                {evaluation.perception.total} + {evaluation.reasoning.total} items
                {stale && ', older than the gates'}
              </small>
            </td>
            <Cell score={evaluation.perception} />
            <Cell score={evaluation.reasoning} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}
