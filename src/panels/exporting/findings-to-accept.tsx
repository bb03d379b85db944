/**
 * Errors among the findings of the open models. A merge of them would be wrong, so a run and an export wait until each
 * is accepted by its code, and what was accepted is written into recipe and model card.
 */
import type { ReactNode } from 'react';
import { AcceptFinding } from '../../controls/accept-finding.tsx';
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
          {message} {remedy} {taken && 'Accepted for run and export.'}
        </p>
        <AcceptFinding code={code} testId={testIds.acceptFinding(code)} />
      </Notice>
    );
  });
}
