/**
 * A line under the header: what is being opened, a failure with a way on, a worker that died, or one that is not
 * heard of. Nothing when all is well.
 */
import type { ReactNode } from 'react';
import { ActionControl } from '../../controls/action-control.tsx';
import { actions } from '../../state/actions/actions.ts';
import { isFailingGraphics } from '../../state/actions/model-actions.ts';
import { useStudio } from '../../state/store.ts';
import { formatDuration } from '../../ui/format.ts';
import { Notice } from '../../ui/notice.tsx';
import { testIds } from '../../ui/test-ids.ts';
import { LoadProgress } from './load-progress.tsx';
import css from './sources.module.css';
import { WaitingStrip } from './waiting-strip.tsx';

export function LoadStrip(): ReactNode {
  const load = useStudio((state) => state.load);
  const connection = useStudio((state) => state.connection);
  const quiet = useStudio((state) => state.quiet);
  const isFailing = useStudio(isFailingGraphics);
  const hasSession = useStudio((state) => state.session !== null);
  const waiting = useStudio((state) => state.keeping.waiting);

  if (connection.status === 'lost' || connection.status === 'failed') {
    return (
      <section className={css.strip} aria-label="Compute and models">
        <Notice
          level="error"
          testId={testIds.restartBanner}
          action={
            <>
              <ActionControl action={actions.restart} small testId={testIds.restart} />
              {isFailing && (
                <ActionControl action={actions.computeOnWasm} small testId={testIds.computeOnWasm} />
              )}
            </>
          }
        >
          {connection.error?.message ?? 'Compute has stopped.'}{' '}
          {isFailing && 'It is not the first time; WebAssembly does without the graphics device. '}
          {hasSession && 'Gates and snapshots are kept; restarting reopens the models.'}
        </Notice>
      </section>
    );
  }
  if (quiet) {
    return (
      <section className={css.strip} aria-label="Compute and models">
        <Notice
          level="warning"
          testId={testIds.quietBanner}
          action={
            <>
              <ActionControl action={actions.keepWaiting} small testId={testIds.keepWaiting} />
              <ActionControl action={actions.stopAndReopen} small testId={testIds.stopAndReopen} />
            </>
          }
        >
          {quiet.kind === 'no sign'
            ? `Compute has given no sign of life for ${formatDuration(quiet.forMs)}. It may be in the middle of a long computation, or it may have ended.`
            : `Compute is there, but has said nothing of its work for ${formatDuration(quiet.forMs)}. The device may not be answering it.`}{' '}
          Stopping it keeps gates and snapshots, and opens the models again.
        </Notice>
      </section>
    );
  }
  if (load.status === 'loading') {
    return (
      <section className={css.strip} aria-label="Compute and models" data-testid={testIds.loading}>
        <LoadProgress />
      </section>
    );
  }
  if (waiting && connection.status === 'ready') return <WaitingStrip waiting={waiting} />;
  if (hasSession || connection.status === 'starting') return null;
  return (
    <section className={css.strip} aria-label="Compute and models">
      <Notice
        level={load.error ? 'error' : 'info'}
        action={
          <>
            <ActionControl action={actions.openDemo} icon={null} small />
            <ActionControl action={actions.open} icon={null} small />
          </>
        }
      >
        {load.error?.message ?? 'No models are open.'}
      </Notice>
    </section>
  );
}
