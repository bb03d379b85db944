/**
 * How far opening models is, with its pause and its cancel, and what is wrong with them as far as it is known: who
 * gave the wrong models need not wait for their decomposition.
 */
import type { ReactNode } from 'react';
import { ActionControl } from '../../controls/action-control.tsx';
import { actions } from '../../state/actions/actions.ts';
import { useStudio } from '../../state/store.ts';
import { FindingList } from '../../ui/finding-list.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { testIds } from '../../ui/test-ids.ts';

export function LoadProgress(): ReactNode {
  const { progress, paused } = useStudio((state) => state.load);
  // Reading headers is over before a pause could mean anything.
  const incoming = useStudio((state) => state.incoming);
  const errors = incoming?.findings.filter(({ severity }) => severity === 'error') ?? [];
  const stage = progress?.stage ?? 'Opening models';
  return (
    <>
      <ProgressLine
        // While it rests, no time left is true.
        progress={progress && paused ? { ...progress, etaMs: null } : progress}
        label={paused ? `Paused · ${stage}` : stage}
        action={
          <>
            {incoming && (
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
      {errors.length > 0 && <FindingList findings={errors} />}
    </>
  );
}
