/**
 * The workbench: which panel stands where. Nothing is computed here. LAYERS left, GATE MAP over GATE EDITOR
 * in the centre, TRADE-OFF, SNAPSHOTS and LOSSES right, TRY IT and EXPORT | LOG below.
 */
import { useEffect, type ComponentType, type ReactNode } from 'react';
import { CalibrationDialog } from '../panels/calibration/calibration-dialog.tsx';
import { ExportTab } from '../panels/exporting/export-tab.tsx';
import { MethodsTab } from '../panels/exporting/methods-tab.tsx';
import { GateEditorPanel } from '../panels/gate-editor/gate-editor-panel.tsx';
import { GateMapPanel } from '../panels/gate-map/gate-map-panel.tsx';
import { HeaderPanel } from '../panels/header/header-panel.tsx';
import { LayersPanel } from '../panels/layers/layers-panel.tsx';
import { LogTab } from '../panels/log/log-tab.tsx';
import { LossesPanel } from '../panels/losses/losses-panel.tsx';
import { PairingDialog } from '../panels/pairing/pairing-dialog.tsx';
import { RecipeDialog } from '../panels/recipe/recipe-dialog.tsx';
import { RunControls } from '../panels/run-controls/run-controls.tsx';
import { SnapshotsPanel } from '../panels/snapshots/snapshots-panel.tsx';
import { LoadStrip } from '../panels/sources/load-strip.tsx';
import { OpenDialog } from '../panels/sources/open-dialog.tsx';
import { StorageDialog } from '../panels/storage/storage-dialog.tsx';
import { TradeoffPanel } from '../panels/tradeoff/tradeoff-panel.tsx';
import { TryItPanel } from '../panels/try-it/try-it-panel.tsx';
import { useStudio } from '../state/store.ts';
import type { StudioState } from '../state/types.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Guard } from '../ui/guard.tsx';
import { keepFocus } from '../ui/keep-focus.ts';
import { Tabs } from '../ui/tabs.tsx';
import { Announcer } from './announcer.tsx';
import { PageDrop } from './page-drop.tsx';
import { ShortcutsDialog } from './shortcuts-dialog.tsx';
import css from './studio.module.css';
import { Toasts } from './toasts.tsx';
import { useShortcuts } from './use-shortcuts.ts';

const guarded = (name: string, Content: ComponentType): ReactNode => (
  <Guard key={name} what={`“${name}”`}>
    <Content />
  </Guard>
);

const outputs = [
  { name: 'Export', content: guarded('Export', ExportTab) },
  { name: 'Methods', content: guarded('Methods', MethodsTab) },
  { name: 'Log', content: guarded('Log', LogTab) },
];

const dialogs: Readonly<Record<NonNullable<StudioState['dialog']>, ComponentType>> = {
  'open-models': OpenDialog,
  pairing: PairingDialog,
  calibration: CalibrationDialog,
  recipe: RecipeDialog,
  storage: StorageDialog,
  shortcuts: ShortcutsDialog,
};

/** A dialog that fails leaves the page usable: what is said of it lies in a dialog that can be closed. */
function OpenedDialog(): ReactNode {
  const dialog = useStudio((state) => state.dialog);
  if (dialog === null) return null;
  const Content = dialogs[dialog];
  return (
    <Guard
      key={dialog}
      what="This dialog"
      frame={(said) => (
        <Dialog
          title="This dialog failed"
          widthPx={540}
          onClose={() => useStudio.getState().showDialog(null)}
        >
          {said}
        </Dialog>
      )}
    >
      <Content />
    </Guard>
  );
}

function Cell({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className={css.cell}>
      <Guard what={`“${name}”`}>{children}</Guard>
    </div>
  );
}

export function Studio(): ReactNode {
  useShortcuts();
  useEffect(keepFocus, []);
  return (
    <div className={css.studio}>
      <header className={css.header}>
        {guarded('Header', HeaderPanel)}
        {guarded('Run', RunControls)}
      </header>
      {guarded('Opening models', LoadStrip)}
      <Toasts />
      <main className={css.work}>
        <Cell name="Layers">
          <LayersPanel />
        </Cell>
        <div className={css.centre}>
          <Cell name="Gate map">
            <GateMapPanel />
          </Cell>
          <Cell name="Gate editor">
            <GateEditorPanel />
          </Cell>
        </div>
        <div className={css.right}>
          <Cell name="Trade-off">
            <TradeoffPanel />
          </Cell>
          <Cell name="Snapshots">
            <SnapshotsPanel />
          </Cell>
          <Cell name="Losses">
            <LossesPanel />
          </Cell>
        </div>
      </main>
      <footer className={css.foot}>
        <Cell name="Try it">
          <TryItPanel />
        </Cell>
        <Cell name="Output">
          <Tabs label="Output" tabs={outputs} />
        </Cell>
      </footer>
      <OpenedDialog />
      <Announcer />
      <PageDrop />
    </div>
  );
}
