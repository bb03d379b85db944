/** Copies the first slot's curve to others, by relative position in the spectrum. */
import { Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import { expertOf } from '../../../core/family/tensor-names.ts';
import { kindName, slotName } from '../../../core/gates/slot-name.ts';
import { useObstacle } from '../../controls/use-obstacle.ts';
import { attempt } from '../../state/actions/action.ts';
import { actions } from '../../state/actions/actions.ts';
import { useStudio } from '../../state/store.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { Button } from '../../ui/button.tsx';
import { Popover } from '../../ui/popover.tsx';
import css from './gate-editor.module.css';
import { copyTargets, type CopyScope } from '../../state/selection-edits.ts';
import { targetOf } from '../../state/selection-target.ts';

export function CopyMenu(): ReactNode {
  const session = useStudio((state) => state.session);
  const selection = useStudio((state) => state.selection);
  const target = targetOf({ session, selection });
  const obstacle = useObstacle(actions.lock, undefined);
  const info = target?.primary.info;
  const names: Readonly<Record<CopyScope, string>> = {
    selected: 'the other selected matrices',
    kind: info ? `${kindName(info)} of every layer` : '',
    experts: info ? `${kindName({ ...info, id: '' })} of every expert and layer` : '',
    layer: info ? `all of layer ${info.layer}` : '',
    all: 'all matrices',
  };
  const mixed = info !== undefined && expertOf(info.id) !== null;
  const scopes = (Object.keys(names) as CopyScope[]).filter((scope) => mixed || scope !== 'experts');
  return (
    <Popover
      label="Copy the curve"
      align="end"
      trigger={(id) => (
        <Button
          label="Copy the curve to other matrices"
          icon={<Copy />}
          iconOnly
          small
          tone="quiet"
          obstacle={obstacle}
          popoverTarget={id}
          testId="copy-curve"
        />
      )}
    >
      <div className={css.menu}>
        <p className={css.menuHead}>{info ? `Copy the curve of ${slotName(info)} to` : ''}</p>
        {scopes.map((scope) => {
          const count = copyTargets({ session, selection }, scope).length;
          return (
            <ActionButton
              key={scope}
              className={css.menuItem}
              obstacle={actions.copyCurve.obstacle(useStudio.getState(), scope)}
              testId={`copy-${scope}`}
              onClick={(event) => {
                attempt(useStudio.getState(), actions.copyCurve, scope);
                event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover();
              }}
            >
              <span>{names[scope]}</span>
              <span className={css.count}>{count}</span>
            </ActionButton>
          );
        })}
      </div>
    </Popover>
  );
}
