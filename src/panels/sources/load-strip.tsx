/**
 * A line under the header: what is being opened, a failure with a way on, or a worker that died. Nothing when
 * all is well.
 */
import type { ReactNode } from 'react';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { testIds } from '../../ui/test-ids.ts';
import { demoSource } from './demo.ts';
import { LoadProgress } from './load-progress.tsx';
import css from './sources.module.css';

/** Compute again, with what was open; before anything was, with the demo. */
async function restart(): Promise<void> {
  await useStudio.getState().reconnect();
  const { connection, source, open } = useStudio.getState();
  if (connection.status === 'ready' && !source) await open(demoSource());
}

export function LoadStrip(): ReactNode {
  const load = useStudio((state) => state.load);
  const connection = useStudio((state) => state.connection);
  const hasSession = useStudio((state) => state.session !== null);
  const { open, showDialog } = useStudio.getState();

  if (connection.status === 'lost' || connection.status === 'failed') {
    return (
      <div className={css.strip}>
        <Notice
          level="error"
          testId={testIds.restartBanner}
          action={
            <Button label="Restart compute" small testId={testIds.restart} onClick={() => void restart()} />
          }
        >
          {connection.error?.message ?? 'Compute has stopped.'}{' '}
          {hasSession && 'Gates and snapshots are kept; restarting reopens the models.'}
        </Notice>
      </div>
    );
  }
  if (load.status === 'loading') {
    return (
      <div className={css.strip} data-testid={testIds.loading}>
        <LoadProgress />
      </div>
    );
  }
  if (hasSession || connection.status === 'starting') return null;
  return (
    <div className={css.strip}>
      <Notice
        level={load.error ? 'error' : 'info'}
        action={
          <>
            <Button label="Open the demo trio" small onClick={() => void open(demoSource())} />
            <Button label="Open models…" small onClick={() => showDialog('open-models')} />
          </>
        }
      >
        {load.error?.message ?? 'No models are open.'}
      </Notice>
    </div>
  );
}
