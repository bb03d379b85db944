/** Gate fields kept along the way: look at one by holding it, restore it, measure it, delete it. */
import { Eye } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Score } from '../../../protocol/engine.ts';
import { budgetName } from '../../state/budget-name.ts';
import { ActionControl } from '../../controls/action-control.tsx';
import { actions } from '../../state/actions/actions.ts';
import { hasTestSets, isMeasurable, unmeasuredSnapshots } from '../../state/measurable.ts';
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
  const evaluationMs = useStudio((state) => state.measurements.at(-1)?.evaluation.elapsedMs ?? null);
  const unmeasured = useStudio((state) => unmeasuredSnapshots(state).length);
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
  const { id, label, step, lambda, budget, evaluation } = snapshot;
  const fits = useStudio((state) => isMeasurable(snapshot, state));
  const peeked = useStudio((state) => state.peek?.id === id);
  const { peekSnapshot } = useStudio.getState();
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
        <Button
          label={`Hold to compare ${label}`}
          icon={<Eye />}
          iconOnly
          small
          tone="quiet"
          aria-pressed={peeked}
          hint="Shows these gates in place of the current ones while it is held (with the keyboard: Space)."
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
