/** How far opening models is, with its pause and its cancel. */
import type { ReactNode } from 'react';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { ProgressLine } from '../../ui/progress-line.tsx';
import { testIds } from '../../ui/test-ids.ts';

export function LoadProgress(): ReactNode {
  const { progress, paused } = useStudio((state) => state.load);
  // Reading headers is over before a pause could mean anything.
  const decomposing = useStudio((state) => state.incoming !== null);
  const { cancelOpen, pauseOpen, resumeOpen } = useStudio.getState();
  const stage = progress?.stage ?? 'Opening models';
  const pause = paused ? (
    <Button label="Resume" small tone="primary" testId={testIds.pauseLoading} onClick={resumeOpen} />
  ) : (
    <Button
      label="Pause"
      small
      hint="Begin no further matrix; those begun are finished"
      testId={testIds.pauseLoading}
      onClick={pauseOpen}
    />
  );
  return (
    <ProgressLine
      // While it rests, no time left is true.
      progress={progress && paused ? { ...progress, etaMs: null } : progress}
      label={paused ? `Paused · ${stage}` : stage}
      action={
        <>
          {decomposing && pause}
          <Button label="Cancel" small testId={testIds.cancelLoading} onClick={cancelOpen} />
        </>
      }
    />
  );
}
