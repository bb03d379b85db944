/** Copies the first slot's curve to others, by relative position in the spectrum. */
import { Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import { kindName, slotName } from '../../../core/gates/slot-name.ts';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { Popover } from '../../ui/popover.tsx';
import css from './gate-editor.module.css';
import { copyCurveTo, copyTargets, type CopyScope } from './selection-edits.ts';
import { targetOf } from './target.ts';

export function CopyMenu(): ReactNode {
  const session = useStudio((state) => state.session);
  const selection = useStudio((state) => state.selection);
  const target = targetOf({ session, selection });
  const info = target?.primary.info;
  const names: Readonly<Record<CopyScope, string>> = {
    selected: 'the other selected matrices',
    kind: info ? `${kindName(info)} of every layer` : '',
    layer: info ? `all of layer ${info.layer}` : '',
    all: 'all matrices',
  };
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
          disabled={!target}
          popoverTarget={id}
          testId="copy-curve"
        />
      )}
    >
      <div className={css.menu}>
        <p className={css.menuHead}>{info ? `Copy the curve of ${slotName(info)} to` : ''}</p>
        {(Object.keys(names) as CopyScope[]).map((scope) => {
          const count = copyTargets({ session, selection }, scope).length;
          return (
            <button
              key={scope}
              type="button"
              className={css.menuItem}
              disabled={count === 0}
              data-testid={`copy-${scope}`}
              onClick={(event) => {
                copyCurveTo(scope);
                event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover();
              }}
            >
              <span>{names[scope]}</span>
              <span className={css.count}>{count}</span>
            </button>
          );
        })}
      </div>
    </Popover>
  );
}
