/** How far opening models is, with its pause and its cancel. */
import type { ReactNode } from 'react';
import { ActionControl } from '../../controls/action-control.tsx';
import { actions } from '../../state/actions/actions.ts';
import { useStudio } from '../../state/store.ts';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { testIds } from '../../ui/test-ids.ts';

export function LoadProgress(): ReactNode {
  const { progress, paused } = useStudio((state) => state.load);
  // Reading headers is over before a pause could mean anything.
  const decomposing = useStudio((state) => state.incoming !== null);
  const stage = progress?.stage ?? 'Opening models';
  return (
    <ProgressLine
      // While it rests, no time left is true.
      progress={progress && paused ? { ...progress, etaMs: null } : progress}
      label={paused ? `Paused · ${stage}` : stage}
      action={
        <>
          {decomposing && (
            <ActionControl
              action={actions.pauseOpening}
              icon={null}
              small
              {...(paused ? { tone: 'primary' } : {})}
              testId={testIds.pauseLoading}
            />
          )}
          <ActionControl action={actions.cancelOpening} icon={null} small testId={testIds.cancelLoading} />
        </>
      }
    />
  );
}
