/**
 * What a run will hold at its peak, by part, against what there is; and what to change where that is too
 * little.
 */
import type { ReactNode } from 'react';
import { describeSelection } from '../../../core/family/selection.ts';
import type { Proposal } from '../../../core/memory/verdict.ts';
import { ActionControl } from '../../controls/action-control.tsx';
import { attempt } from '../../state/actions/action.ts';
import { actions } from '../../state/actions/actions.ts';
import { runForecast } from '../../state/run-memory.ts';
import { useStudio } from '../../state/store.ts';
import { formatBytes } from '../../ui/format.ts';
import { testIds } from '../../ui/test-ids.ts';
import { namedParts, peakWhen } from './memory-parts.ts';
import css from './memory-section.module.css';

export function MemorySection(): ReactNode {
  const forecast = useStudio(runForecast);
  const capacity = useStudio((state) => state.backend?.capacity);
  if (!forecast?.run || !capacity) return null;
  const { run, verdict } = forecast;
  const limit = capacity.totalBytes;
  const whole = Math.max(run.peak.bytes, limit ?? 0);
  const parts = namedParts(run.peak, whole);
  const of = limit === null ? 'of a graphics processor whose memory is not told' : `of ${formatBytes(limit)}`;
  return (
    <section
      className={css.memory}
      aria-label="Memory of a run"
      data-testid={testIds.memory}
      data-verdict={verdict.code}
    >
      <h2>Memory of a run</h2>
      <p>
        About <strong>{formatBytes(run.peak.bytes)}</strong> {of}, at most {peakWhen(run.peak)}
        {run.pageBytes > 0 && `; ${formatBytes(run.pageBytes)} beside the device`}.
      </p>
      <div
        className={css.bar}
        role="img"
        aria-label={`${formatBytes(run.peak.bytes)} ${of}: ${parts.map(({ label, bytes }) => `${label} ${formatBytes(bytes)}`).join(', ')}`}
      >
        {parts.map(({ name, share }) => (
          <span key={name} data-part={name} style={{ flexBasis: `${100 * share}%` }} />
        ))}
        {limit !== null && run.peak.bytes > limit && (
          <span className={css.limit} style={{ left: `${(100 * limit) / whole}%` }} />
        )}
      </div>
      <table className={css.parts}>
        <tbody>
          {parts.map(({ name, label, bytes }) => (
            <tr key={name}>
              <th scope="row">
                <span className={css.mark} data-part={name} aria-hidden="true" />
                {label}
              </th>
              <td>{formatBytes(bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {verdict.remedy && (
        <p
          className={css.verdict}
          data-level={
            verdict.code === 'does-not-fit' ? 'error' : verdict.code === 'may-not-fit' ? 'warning' : 'fine'
          }
          role="status"
        >
          {verdict.code !== 'unknown' && verdict.message} {verdict.remedy}
        </p>
      )}
      {verdict.proposal && <Take proposal={verdict.proposal} />}
    </section>
  );
}

function Take({ proposal }: { readonly proposal: Proposal }): ReactNode {
  const { setOptions, offerLayers } = useStudio.getState();
  const button = (label: string, take: () => void): ReactNode => (
    <span>
      <ActionControl
        action={actions.setBudget}
        argument={null}
        label={label}
        hint={label}
        icon={null}
        small
        tone="primary"
        testId={testIds.memoryProposal}
        press={(event) => {
          event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover();
          take();
        }}
      />
    </span>
  );
  switch (proposal.kind) {
    case 'budget':
      return button(`Use ${proposal.budget} subspaces`, () =>
        attempt(useStudio.getState(), actions.setBudget, proposal.budget),
      );
    case 'batch':
      return button(`Use batches of ${proposal.batchSize}`, () =>
        setOptions({ batchSize: proposal.batchSize }),
      );
    case 'layers': {
      const selection = {
        layers: proposal.layers,
        kinds: useStudio.getState().source?.selection?.kinds ?? null,
      };
      return button(`Open ${describeSelection(selection)}…`, () => {
        setOptions({ batchSize: proposal.batchSize });
        offerLayers(selection);
      });
    }
    case 'merge-only':
      return null;
    default:
      return proposal satisfies never;
  }
}
