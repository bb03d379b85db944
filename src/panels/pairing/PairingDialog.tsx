/** How the three models fit together: nothing is dropped, added or re-tied without a line here. */
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Finding, FindingSeverity } from '../../core/family/pairing.ts';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import css from './Pairing.module.css';

const icons: Record<FindingSeverity, ReactNode> = {
  info: <CircleCheck aria-label="For information" />,
  warning: <TriangleAlert aria-label="Warning" />,
  error: <CircleAlert aria-label="Error" />,
};
const rank: Record<FindingSeverity, number> = { error: 0, warning: 1, info: 2 };
const TENSORS_SHOWN = 200;

export function PairingDialog(): ReactNode {
  const session = useStudio((state) => state.session);
  const close = (): void => useStudio.getState().showDialog(null);
  const findings = [...(session?.pairing.findings ?? [])].sort((a, b) => rank[a.severity] - rank[b.severity]);
  return (
    <Dialog title="How the models fit together" onClose={close} footer={<Button label="Done" tone="primary" onClick={close} />}>
      {session ? (
        <p className={css.sum}>
          {session.pairing.matched} linear layers of base, VLM and LRM match by name and shape and can be merged.{' '}
          {findings.length === 0 ? 'Nothing else was found.' : 'This is what else was found:'}
        </p>
      ) : (
        <p className={css.sum}>No models are open.</p>
      )}
      {findings.length > 0 && (
        <ul className={css.findings}>
          {findings.map((finding) => (
            <FindingRow key={`${finding.code}-${finding.tensors[0] ?? ''}`} finding={finding} />
          ))}
        </ul>
      )}
    </Dialog>
  );
}

function FindingRow({ finding: { severity, message, remedy, tensors } }: { finding: Finding }): ReactNode {
  return (
    <li className={`${css.finding} ${css[severity]}`}>
      {icons[severity]}
      <span>{message}</span>
      <span className={css.remedy}>{remedy}</span>
      {tensors.length > 0 && (
        <details className={css.tensors}>
          <summary>{tensors.length === 1 ? '1 tensor' : `${tensors.length} tensors`}</summary>
          <ul>
            {tensors.slice(0, TENSORS_SHOWN).map((name) => (
              <li key={name}>{name}</li>
            ))}
            {tensors.length > TENSORS_SHOWN && <li>… and {tensors.length - TENSORS_SHOWN} more</li>}
          </ul>
        </details>
      )}
    </li>
  );
}
