/** The top line: which models, which compute, and what concerns the whole page. */
import { FolderOpen, Keyboard, Link2, Monitor, Moon, Redo2, Sun, Undo2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useStudio } from '../../state/store.ts';
import type { StudioState } from '../../state/types.ts';
import { Button } from '../../ui/button.tsx';
import { testIds } from '../../ui/test-ids.ts';
import { BackendChip } from './backend-chip.tsx';
import css from './header-panel.module.css';
import { ModelChips } from './model-chips.tsx';

const themes: Record<StudioState['theme'], { next: StudioState['theme']; icon: ReactNode; label: string }> = {
  system: { next: 'light', icon: <Monitor />, label: 'Theme: as the system' },
  light: { next: 'dark', icon: <Sun />, label: 'Theme: light' },
  dark: { next: 'system', icon: <Moon />, label: 'Theme: dark' },
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
  const undoLabel = useStudio((state) => state.undoStack.at(-1)?.label);
  const redoLabel = useStudio((state) => state.redoStack.at(-1)?.label);
  const findings = useStudio(
    (state) => state.session?.pairing.findings.filter(({ severity }) => severity !== 'info').length,
  );
  const theme = themes[useStudio((state) => state.theme)];
  const { undo, redo, setTheme, showDialog } = useStudio.getState();
  return (
    <div className={css.header}>
      <h1 className={css.brand}>
        <Mark />
        FRISM Studio
      </h1>
      <ModelChips />
      {findings !== undefined && (
        <Button
          label={findings === 0 ? 'Pairing' : `Pairing · ${findings}`}
          icon={<Link2 />}
          tone="quiet"
          hint={
            findings === 0
              ? 'How the three models fit together'
              : `How the three models fit together: ${findings} to look at`
          }
          onClick={() => showDialog('pairing')}
        />
      )}
      <Button
        label="Open models…"
        icon={<FolderOpen />}
        testId={testIds.openModels}
        onClick={() => showDialog('open-models')}
      />
      <span className={css.spacer} />
      <div className={css.group}>
        <Button
          label="Undo"
          icon={<Undo2 />}
          iconOnly
          tone="quiet"
          disabled={!undoLabel}
          hint={undoLabel ? `Undo: ${undoLabel} (Ctrl+Z)` : 'Nothing to undo'}
          testId={testIds.undo}
          onClick={undo}
        />
        <Button
          label="Redo"
          icon={<Redo2 />}
          iconOnly
          tone="quiet"
          disabled={!redoLabel}
          hint={redoLabel ? `Redo: ${redoLabel} (Ctrl+Shift+Z)` : 'Nothing to redo'}
          testId={testIds.redo}
          onClick={redo}
        />
      </div>
      <span className={css.rule} />
      <BackendChip />
      <div className={css.group}>
        <Button
          label={theme.label}
          icon={theme.icon}
          iconOnly
          tone="quiet"
          testId={testIds.theme}
          onClick={() => setTheme(theme.next)}
        />
        <Button
          label="Keyboard shortcuts"
          icon={<Keyboard />}
          iconOnly
          tone="quiet"
          hint="Keyboard shortcuts (?)"
          testId={testIds.help}
          onClick={() => showDialog('shortcuts')}
        />
      </div>
    </div>
  );
}
