/**
 * The workbench: which panel stands where. Nothing is computed here. LAYERS left, GATE MAP over GATE EDITOR
 * in the centre, TRADE-OFF, SNAPSHOTS and LOSSES right, TRY IT and EXPORT | LOG below.
 */
import { useEffect, type ReactNode } from 'react';
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
import { TradeoffPanel } from '../panels/tradeoff/tradeoff-panel.tsx';
import { TryItPanel } from '../panels/try-it/try-it-panel.tsx';
import { useStudio } from '../state/store.ts';
import { keepFocus } from '../ui/keep-focus.ts';
import { Tabs } from '../ui/tabs.tsx';
import { Announcer } from './announcer.tsx';
import { RecipeDrop } from './recipe-drop.tsx';
import { ShortcutsDialog } from './shortcuts-dialog.tsx';
import css from './studio.module.css';
import { Toasts } from './toasts.tsx';
import { useShortcuts } from './use-shortcuts.ts';

const outputs = [
  { name: 'Export', content: <ExportTab /> },
  { name: 'Methods', content: <MethodsTab /> },
  { name: 'Log', content: <LogTab /> },
];

function OpenedDialog(): ReactNode {
  const dialog = useStudio((state) => state.dialog);
  switch (dialog) {
    case 'open-models':
      return <OpenDialog />;
    case 'pairing':
      return <PairingDialog />;
    case 'calibration':
      return <CalibrationDialog />;
    case 'recipe':
      return <RecipeDialog />;
    case 'shortcuts':
      return <ShortcutsDialog />;
    case null:
      return null;
    default:
      return dialog satisfies never;
  }
}

export function Studio(): ReactNode {
  useShortcuts();
  useEffect(keepFocus, []);
  return (
    <div className={css.studio}>
      <header>
        <HeaderPanel />
        <RunControls />
      </header>
      <LoadStrip />
      <main className={css.work}>
        <div className={css.cell}>
          <LayersPanel />
        </div>
        <div className={css.centre}>
          <div className={css.cell}>
            <GateMapPanel />
          </div>
          <div className={css.cell}>
            <GateEditorPanel />
          </div>
        </div>
        <div className={css.right}>
          <div className={css.cell}>
            <TradeoffPanel />
          </div>
          <div className={css.cell}>
            <SnapshotsPanel />
          </div>
          <div className={css.cell}>
            <LossesPanel />
          </div>
        </div>
      </main>
      <footer className={css.foot}>
        <div className={css.cell}>
          <TryItPanel />
        </div>
        <div className={css.cell}>
          <Tabs label="Output" tabs={outputs} />
        </div>
      </footer>
      <OpenedDialog />
      <Toasts />
      <Announcer />
      <RecipeDrop />
    </div>
  );
}
