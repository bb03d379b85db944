/** The top line: which models, which compute, and what concerns the whole page. */
import { Monitor, Moon, Sun } from 'lucide-react';
import type { ReactNode } from 'react';
import { ActionControl } from '../../controls/action-control.tsx';
import { actions } from '../../state/actions/actions.ts';
import { useStudio } from '../../state/store.ts';
import type { StudioState } from '../../state/types.ts';
import { testIds } from '../../ui/test-ids.ts';
import { BackendChip } from './backend-chip.tsx';
import css from './header-panel.module.css';
import { ModelChips } from './model-chips.tsx';

const themeIcons: Readonly<Record<StudioState['theme'], ReactNode>> = {
  system: <Monitor />,
  light: <Sun />,
  dark: <Moon />,
};

function Mark(): ReactNode {
  return (
    <svg className={css.mark} viewBox="0 0 18 18" aria-hidden>
      <rect x="1" y="8" width="3" height="9" rx="1" fill="var(--vision)" />
      <rect x="5.3" y="3" width="3" height="14" rx="1" fill="var(--vision)" />
      <rect x="9.7" y="1" width="3" height="16" rx="1" fill="var(--reason)" />
      <rect x="14" y="6" width="3" height="11" rx="1" fill="var(--reason)" />
    </svg>
  );
}

export function HeaderPanel(): ReactNode {
  const findings = useStudio(
    (state) => state.session?.pairing.findings.filter(({ severity }) => severity !== 'info').length,
  );
  const theme = useStudio((state) => state.theme);
  return (
    <div className={css.header}>
      <h1 className={css.brand}>
        <Mark />
        FRISM Studio
      </h1>
      <ModelChips />
      {findings !== undefined && (
        <ActionControl
          action={actions.pairing}
          label={findings === 0 ? 'Pairing' : `Pairing · ${findings}`}
          tone="quiet"
          hint={
            findings === 0
              ? 'Shows how the three models fit together.'
              : `Shows how the three models fit together: there are ${findings} findings to look at.`
          }
        />
      )}
      <ActionControl action={actions.open} testId={testIds.openModels} />
      <span className={css.spacer} />
      <div className={css.group}>
        <ActionControl action={actions.undo} iconOnly tone="quiet" testId={testIds.undo} />
        <ActionControl action={actions.redo} iconOnly tone="quiet" testId={testIds.redo} />
      </div>
      <span className={css.rule} />
      <BackendChip />
      <div className={css.group}>
        <ActionControl
          action={actions.theme}
          icon={themeIcons[theme]}
          iconOnly
          tone="quiet"
          testId={testIds.theme}
        />
        <ActionControl action={actions.textSize} iconOnly tone="quiet" testId={testIds.textSize} />
        <ActionControl action={actions.help} iconOnly tone="quiet" testId={testIds.help} />
      </div>
    </div>
  );
}
