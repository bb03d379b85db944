/** How the three models fit together: nothing is dropped, added or re-tied without a line here. */
import type { ReactNode } from 'react';
import { AcceptFinding } from '../../controls/accept-finding.tsx';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { FindingList } from '../../ui/finding-list.tsx';
import { testIds } from '../../ui/test-ids.ts';
import css from './pairing.module.css';

export function PairingDialog(): ReactNode {
  const session = useStudio((state) => state.session);
  const close = (): void => useStudio.getState().showDialog(null);
  const findings = session?.pairing.findings ?? [];
  return (
    <Dialog
      title="How the models fit together"
      onClose={close}
      footer={<Button label="Done" tone="primary" onClick={close} />}
    >
      {session ? (
        <p className={css.sum}>
          {session.pairing.matched} linear layers of base, VLM and LRM match by name and shape and can be
          merged. {findings.length === 0 ? 'Nothing else was found.' : 'This is what else was found:'}
        </p>
      ) : (
        <p className={css.sum}>No models are open.</p>
      )}
      {findings.length > 0 && (
        <FindingList
          findings={findings}
          answer={({ code, severity }) =>
            severity === 'error' && <AcceptFinding code={code} testId={testIds.acceptInReport(code)} />
          }
        />
      )}
    </Dialog>
  );
}
