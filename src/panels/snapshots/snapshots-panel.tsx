/** Gate fields kept along the way: look at one by holding it, restore it, measure it, delete it. */
import { Camera, Eye, Gauge, History, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Score } from '../../../protocol/engine.ts';
import { budgetName } from '../../state/budget-slice.ts';
import { hasTestSets, isMeasurable } from '../../state/measure-slice.ts';
import { useStudio } from '../../state/store.ts';
import type { Snapshot } from '../../state/records.ts';
import { Button } from '../../ui/button.tsx';
import { formatDuration, formatNumber } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { testIds } from '../../ui/test-ids.ts';
import css from './snapshots.module.css';

const percent = ({ correct, total }: Score): string =>
  total > 0 ? ((100 * correct) / total).toFixed(1) : '–';

export function SnapshotsPanel(): ReactNode {
  const snapshots = useStudio((state) => state.snapshots);
  const tested = useStudio(hasTestSets);
  const measurable = useStudio((state) => state.measuring === null && state.connection.status === 'ready');
  const evaluationMs = useStudio((state) => state.measurements.at(-1)?.evaluation.elapsedMs ?? null);
  const hasSession = useStudio((state) => state.session !== null);
  const { takeSnapshot, evaluateTrail } = useStudio.getState();
  const session = useStudio((state) => state.session);
  const unmeasured = !tested
    ? 0
    : snapshots.filter((snapshot) => !snapshot.evaluation && isMeasurable(snapshot, { session })).length;
  const time = evaluationMs === null ? '' : `, about ${formatDuration(evaluationMs * unmeasured)}`;
  return (
    <Panel
      title="Snapshots"
      note={snapshots.length > 0 ? snapshots.length : undefined}
      actions={
        <>
          {unmeasured > 0 && (
            <Button
              label={`Measure ${unmeasured}`}
              icon={<Gauge />}
              small
              tone="quiet"
              disabled={!measurable}
              hint={`Measure the snapshots that have no score yet${time}`}
              onClick={() => void evaluateTrail()}
            />
          )}
          <Button
            label="Keep"
            icon={<Camera />}
            small
            tone="quiet"
            disabled={!hasSession}
            hint="Keep the gates as they are now (K)"
            testId={testIds.takeSnapshot}
            onClick={() => takeSnapshot(`Kept ${snapshots.length + 1}`)}
          />
        </>
      }
    >
      {snapshots.length === 0 ? (
        <p className={css.empty}>
          A run keeps its gates here every 25 steps and before each edit made while it runs.
        </p>
      ) : (
        <ul className={css.list}>
          {snapshots.toReversed().map((snapshot) => (
            <SnapshotRow key={snapshot.id} snapshot={snapshot} tested={tested} measurable={measurable} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function SnapshotRow({
  snapshot,
  tested,
  measurable,
}: {
  snapshot: Snapshot;
  tested: boolean;
  measurable: boolean;
}): ReactNode {
  const { id, label, step, lambda, budget, evaluation } = snapshot;
  const fits = useStudio((state) => isMeasurable(snapshot, state));
  const peeked = useStudio((state) => state.peek?.id === id);
  const { peekSnapshot, restoreSnapshot, deleteSnapshot, evaluateSnapshot } = useStudio.getState();
  const release = (): void => peekSnapshot(null);
  return (
    <li className={`${css.item} ${peeked ? css.peeked : ''}`} data-testid={testIds.snapshot}>
      <span
        className={css.label}
        title={`${label}, step ${step}, λ ${lambda}${fits ? '' : `, ${budgetName(budget)} with a gate`}`}
      >
        {label} <small>λ {formatNumber(lambda)}</small>
        {!fits && <small className={css.budget}>{budget === null ? 'all' : `k ${budget}`}</small>}
      </span>
      {evaluation ? (
        <span className={css.scores} title="Perception · reasoning, % right">
          <span className={css.vision}>{percent(evaluation.perception)}</span> ·{' '}
          <span className={css.reason}>{percent(evaluation.reasoning)}</span>
        </span>
      ) : (
        <span className={css.none}>{tested ? 'not measured' : step > 0 ? `step ${step}` : ''}</span>
      )}
      <span className={css.buttons}>
        <Button
          label={`Hold to compare ${label}`}
          icon={<Eye />}
          iconOnly
          small
          tone="quiet"
          aria-pressed={peeked}
          hint="Hold to see these gates in place of the current ones (Space with the keyboard)"
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            peekSnapshot(id);
          }}
          onPointerUp={release}
          onPointerCancel={release}
          onKeyDown={(event) => {
            if (event.key !== ' ' || event.repeat) return;
            event.preventDefault();
            peekSnapshot(id);
          }}
          onKeyUp={(event) => event.key === ' ' && release()}
          onBlur={() => peeked && release()}
        />
        {tested && !evaluation && (
          <Button
            label={`Measure ${label}`}
            icon={<Gauge />}
            iconOnly
            small
            tone="quiet"
            disabled={!measurable || !fits}
            hint={
              fits
                ? `Measure ${label}`
                : `Kept with a gate for ${budgetName(budget)}: choose that to measure it`
            }
            onClick={() => void evaluateSnapshot(id)}
          />
        )}
        <Button
          label={`Restore ${label}`}
          icon={<History />}
          iconOnly
          small
          tone="quiet"
          hint={
            fits
              ? 'Set the gates as they were here (can be undone)'
              : `Kept with a gate for ${budgetName(budget)}: restoring fits them to the present budget (can be undone)`
          }
          onClick={() => restoreSnapshot(id)}
        />
        <Button
          label={`Delete ${label}`}
          icon={<Trash2 />}
          iconOnly
          small
          tone="quiet"
          onClick={() => deleteSnapshot(id)}
        />
      </span>
    </li>
  );
}
