/**
 * Accepts an error among the findings by its code, or takes that back. It counts for a run and for an export,
 * wherever the button stands.
 */
import type { ReactNode } from 'react';
import { actions } from '../state/actions/actions.ts';
import { useStudio } from '../state/store.ts';
import { ActionControl } from './action-control.tsx';

export function AcceptFinding({
  code,
  testId,
}: {
  readonly code: string;
  readonly testId: string;
}): ReactNode {
  const taken = useStudio((state) => state.exporting.accepted.includes(code));
  return (
    <ActionControl
      action={actions.acceptFinding}
      argument={{ code, accepted: !taken }}
      label={taken ? 'Take back' : 'Go on all the same'}
      hint={
        taken
          ? `Run and export go on although ${code} was found, and recipe and model card say so.`
          : `Accepts ${code}: run and export go on, and recipe and model card say what was accepted.`
      }
      small
      testId={testId}
    />
  );
}
