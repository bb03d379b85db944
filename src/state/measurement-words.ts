/** What the log says of a measurement: what was measured, both scores, and on how many items. */
import type { Score } from '../../protocol/engine.ts';
import type { Measurement } from './records.ts';

const percent = ({ correct, total }: Score): string =>
  `${((100 * correct) / total).toFixed(1)} % of ${total}`;

export function measurementWords({ kind, label, step, evaluation }: Measurement): string {
  const scores = [
    ...(evaluation.perception.total > 0 ? [`perception ${percent(evaluation.perception)}`] : []),
    ...(evaluation.reasoning.total > 0 ? [`reasoning ${percent(evaluation.reasoning)}`] : []),
  ].join(', ');
  const name = kind === 'snapshot' ? `Snapshot “${label}”` : label;
  const where = kind === 'current' && step !== null && step > 0 ? ` at step ${step}` : '';
  return `Measured: ${name}${where}: ${scores}.`;
}
