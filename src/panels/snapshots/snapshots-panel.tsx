/** Gate fields kept along the way: look at one by its eye, restore it, measure it, delete it and have it back. */
import type { ReactNode } from 'react';
import type { Score } from '../../../protocol/engine.ts';
import { budgetName } from '../../state/budget-name.ts';
import { ActionControl } from '../../controls/action-control.tsx';
import { actions } from '../../state/actions/actions.ts';
import { hasTestSets, isMeasurable, unmeasuredSnapshots } from '../../state/measurable.ts';
import { snapshotOrigin } from '../../state/run-words.ts';
import { useStudio } from '../../state/store.ts';
import type { Snapshot } from '../../state/records.ts';
import { formatDuration, formatNumber } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { testIds } from '../../ui/test-ids.ts';
import { Eye } from './eye.tsx';
import css from './snapshots.module.css';

const percent = ({ correct, total }: Score): string =>
  total > 0 ? ((100 * correct) / total).toFixed(1) : '–';

export function SnapshotsPanel(): ReactNode {
  const snapshots = useStudio((state) => state.snapshots);
  const tested = useStudio(hasTestSets);
  const evaluationMs = useStudio((state) => state.measurements.at(-1)?.evaluation.elapsedMs ?? null);
  const unmeasured = useStudio((state) => unmeasuredSnapshots(state).length);
  const deleted = useStudio((state) => state.deleted.length);
  const time = evaluationMs === null ? '' : `, about ${formatDuration(evaluationMs * unmeasured)}`;
  return (
    <Panel
      title="Snapshots"
      note={snapshots.length > 0 ? snapshots.length : undefined}
      actions={
        <>
          {unmeasured > 0 && (
            <ActionControl
              action={actions.measureTrail}
              label={`Measure ${unmeasured}`}
              small
              tone="quiet"
              hint={`Measures the snapshots that have no score yet${time}.`}
            />
          )}
          {deleted > 0 && (
            <ActionControl
              action={actions.restoreDeleted}
              iconOnly
              small
              tone="quiet"
              testId={testIds.restoreDeleted}
            />
          )}
          <ActionControl action={actions.snapshot} small tone="quiet" testId={testIds.takeSnapshot} />
        </>
      }
    >
      {snapshots.length === 0 ? (
        <p className={css.empty}>
          A run keeps its gates here every 25 steps, and before each edit that is made while it goes on.
        </p>
      ) : (
        <ul className={css.list}>
          {snapshots.toReversed().map((snapshot) => (
            <SnapshotRow key={snapshot.id} snapshot={snapshot} tested={tested} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function SnapshotRow({ snapshot, tested }: { snapshot: Snapshot; tested: boolean }): ReactNode {
  const { id, label, step, lambda, budget, evaluation, run } = snapshot;
  const fits = useStudio((state) => isMeasurable(snapshot, state));
  const peeked = useStudio((state) => state.peek?.id === id);
  return (
    <li className={`${css.item} ${peeked ? css.peeked : ''}`} data-testid={testIds.snapshot}>
      <span
        className={css.label}
        title={`${label}: ${snapshotOrigin(snapshot)}${fits ? '' : `, ${budgetName(budget)} with a gate`}`}
      >
        {label}{' '}
        <small>
          {run && `run ${run.number} · `}λ {formatNumber(lambda)}
          {run && ` · α ${formatNumber(run.alpha)} · seed ${run.seed}`}
        </small>
        {!fits && <small className={css.budget}>{budget === null ? 'all' : `k ${budget}`}</small>}
      </span>
      {evaluation ? (
        <span
          className={css.scores}
          title="Perception and reasoning: how many answers in a hundred are right."
        >
          <span className={css.vision}>{percent(evaluation.perception)}</span> ·{' '}
          <span className={css.reason}>{percent(evaluation.reasoning)}</span>
        </span>
      ) : (
        <span className={css.none}>{tested ? 'not measured' : step > 0 ? `step ${step}` : ''}</span>
      )}
      <span className={css.buttons}>
        <Eye id={id} label={label} peeked={peeked} />
        {tested && !evaluation && (
          <ActionControl
            action={actions.measureSnapshot}
            argument={id}
            label={`Measure ${label}`}
            hint={`Measures “${label}”.`}
            iconOnly
            small
            tone="quiet"
          />
        )}
        <ActionControl
          action={actions.restoreSnapshot}
          argument={id}
          label={`Restore ${label}`}
          iconOnly
          small
          tone="quiet"
        />
        <ActionControl
          action={actions.deleteSnapshot}
          argument={id}
          label={`Delete ${label}`}
          hint={`Deletes “${label}”.`}
          iconOnly
          small
          tone="quiet"
        />
      </span>
    </li>
  );
}
