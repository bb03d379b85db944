/**
 * Errors among the findings of the open models. A merge of them would be wrong, so an export waits until each is
 * accepted by its code, and what was accepted is written into recipe and model card.
 */
import type { ReactNode } from 'react';
import { ActionControl } from '../../controls/action-control.tsx';
import { actions } from '../../state/actions/actions.ts';
import { useStudio } from '../../state/store.ts';
import { Notice } from '../../ui/notice.tsx';
import { testIds } from '../../ui/test-ids.ts';
import css from './exporting.module.css';

export function FindingsToAccept(): ReactNode {
  const findings = useStudio((state) => state.session?.pairing.findings);
  const errors = findings?.filter(({ severity }) => severity === 'error') ?? [];
  const accepted = useStudio((state) => state.exporting.accepted);
  return errors.map(({ code, message, remedy }) => {
    const taken = accepted.includes(code);
    return (
      <Notice key={code} level={taken ? 'warning' : 'error'} testId={testIds.findingToAccept(code)}>
        <p className={css.finding}>
          {message} {remedy} {taken && 'Accepted for the export.'}
        </p>
        <ActionControl
          action={actions.acceptFinding}
          argument={{ code, accepted: !taken }}
          label={taken ? 'Take back' : 'Export all the same'}
          hint={
            taken
              ? `The export will go on although ${code} was found, and will say so.`
              : `Accepts ${code}: the export goes on, and recipe and model card say what was accepted.`
          }
          small
          testId={testIds.acceptFinding(code)}
        />
      </Notice>
    );
  });
}
