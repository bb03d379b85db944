import type { ReactNode } from 'react';
import { useStudio } from '../state/store.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { actions } from './actions.ts';
import css from './overlays.module.css';

/** Keys that the gate panels handle themselves; all but L only while one of them has the focus. */
const gateKeys: readonly { keys: string; label: string }[] = [
  { keys: 'L', label: 'Lock or free the selected gates' },
  { keys: 'A', label: 'Give the selected gates back to the optimiser' },
  { keys: 'V D B S', label: 'Tools: shape, draw, band, smooth' },
  {
    keys: '↑ ↓',
    label: 'On a handle: move it by 0.01 (Shift 0.1, Alt 0.001). In the map: go to another cell',
  },
  { keys: 'Esc', label: 'During a gesture: put everything back' },
];

export function ShortcutsDialog(): ReactNode {
  const close = (): void => useStudio.getState().showDialog(null);
  return (
    <Dialog
      title="Keyboard"
      widthPx={460}
      onClose={close}
      footer={<Button label="Done" tone="primary" onClick={close} />}
    >
      <dl className={css.keys}>
        <Rows rows={actions} />
      </dl>
      <h3 className={css.heading}>Gate map and gate editor</h3>
      <dl className={css.keys}>
        <Rows rows={gateKeys} />
      </dl>
      <p className={css.note}>Keys do nothing while you type in a field.</p>
    </Dialog>
  );
}

function Rows({ rows }: { rows: readonly { keys: string; label: string }[] }): ReactNode {
  return rows.map(({ keys, label }) => (
    <div key={keys}>
      <dt>
        {keys.split(' ').map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{label}</dd>
    </div>
  ));
}
