import type { ReactNode } from 'react';
import { useStudio } from '../state/store.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { actions } from './actions.ts';
import css from './Overlays.module.css';

/** Keys that the gate panels handle themselves, while they have the focus. */
const gateKeys: readonly { keys: string; label: string }[] = [
  { keys: '↑ ↓', label: 'Gate map, gate editor: move a gate by 0.01 or go to another cell' },
  { keys: 'Esc', label: 'While dragging: put everything back' },
];

export function ShortcutsDialog(): ReactNode {
  const close = (): void => useStudio.getState().showDialog(null);
  return (
    <Dialog title="Keyboard" widthPx={460} onClose={close} footer={<Button label="Done" tone="primary" onClick={close} />}>
      <dl className={css.keys}>
        {[...actions, ...gateKeys].map(({ keys, label }) => (
          <div key={keys + label}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
      <p className={css.note}>Keys do nothing while you type in a field.</p>
    </Dialog>
  );
}
