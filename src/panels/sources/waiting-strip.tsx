/** A session that was kept and whose models are not open, or are not the same: why, and what can be done. */
import type { ReactNode } from 'react';
import { ActionControl } from '../../controls/action-control.tsx';
import { actions } from '../../state/actions/actions.ts';
import type { WaitingSession } from '../../state/keeping/keeping-state.ts';
import { useStudio } from '../../state/store.ts';
import { Notice } from '../../ui/notice.tsx';
import { testIds } from '../../ui/test-ids.ts';
import css from './sources.module.css';

export function WaitingStrip({ waiting }: { readonly waiting: WaitingSession }): ReactNode {
  const failed = useStudio((state) => state.load.error?.message ?? null);
  const why = waiting.why ?? failed ?? 'Its models are not open.';
  return (
    <section className={css.strip} aria-label="Compute and models">
      <Notice
        level={failed === null ? 'warning' : 'error'}
        testId={testIds.waitingSession}
        action={
          <>
            {(waiting.source !== null || waiting.toAllow.length > 0) && (
              <ActionControl
                action={actions.reopenWaiting}
                icon={null}
                small
                testId={testIds.reopenWaiting}
              />
            )}
            <ActionControl action={actions.open} icon={null} small />
            <ActionControl action={actions.leaveWaiting} icon={null} small testId={testIds.leaveWaiting} />
          </>
        }
      >
        Your session “{waiting.name}” waits for its models: its gates, snapshots and measurements are kept.{' '}
        {why}
      </Notice>
    </section>
  );
}
