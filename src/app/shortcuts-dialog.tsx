import { Fragment, type ReactNode } from 'react';
import { keyedActions } from '../state/actions/actions.ts';
import { useStudio } from '../state/store.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import css from './overlays.module.css';

const everywhere = keyedActions.filter(({ within }) => within === undefined);
const inGatePanels = keyedActions.filter(({ within }) => within === 'gates');

/** What keys do to a thing that has the focus: no actions, but parts of a gesture. */
const gestureKeys = [
  {
    keys: ['↑', '↓'],
    label:
      'On a handle, they move it by 0.01 (with Shift 0.1, with Alt 0.001). In the map, they go to another cell.',
  },
  { keys: ['Esc'], label: 'During a gesture, it puts everything back.' },
];

export function ShortcutsDialog(): ReactNode {
  const close = (): void => useStudio.getState().showDialog(null);
  return (
    <Dialog
      title="Keyboard"
      widthPx={540}
      onClose={close}
      footer={<Button label="Done" tone="primary" onClick={close} />}
    >
      <dl className={css.keys}>
        <Rows rows={everywhere} />
      </dl>
      <h3 className={css.heading}>In the gate map, the gate editor and the layers</h3>
      <dl className={css.keys}>
        <Rows rows={[...inGatePanels, ...gestureKeys]} />
      </dl>
      <p className={css.note}>Keys do nothing while you type in a field.</p>
    </Dialog>
  );
}

function Rows({
  rows,
}: {
  rows: readonly { readonly keys: readonly string[]; readonly label: string }[];
}): ReactNode {
  return rows.map(({ keys, label }) => (
    <div key={label}>
      <dt>
        {keys.map((written, i) => (
          <Fragment key={written}>
            {i > 0 && ' or '}
            {written.split(' ').map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </Fragment>
        ))}
      </dt>
      <dd>{label.replace(/…$/, '')}</dd>
    </div>
  ));
}
