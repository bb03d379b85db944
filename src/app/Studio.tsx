/**
 * The workbench: which panel stands where. Nothing is computed here. LAYERS left, GATE MAP over GATE EDITOR
 * in the centre, TRADE-OFF, SNAPSHOTS and LOSSES right, TRY IT and EXPORT | LOG below.
 */
import type { ReactNode } from 'react';
import { CalibrationDialog } from '../panels/calibration/CalibrationDialog.tsx';
import { ExportTab } from '../panels/exporting/ExportTab.tsx';
import { GateEditorPanel } from '../panels/gateEditor/GateEditorPanel.tsx';
import { GateMapPanel } from '../panels/gateMap/GateMapPanel.tsx';
import { HeaderPanel } from '../panels/header/HeaderPanel.tsx';
import { LayersPanel } from '../panels/layers/LayersPanel.tsx';
import { LogTab } from '../panels/log/LogTab.tsx';
import { LossesPanel } from '../panels/losses/LossesPanel.tsx';
import { PairingDialog } from '../panels/pairing/PairingDialog.tsx';
import { RecipeDialog } from '../panels/recipe/RecipeDialog.tsx';
import { RunControls } from '../panels/runControls/RunControls.tsx';
import { SnapshotsPanel } from '../panels/snapshots/SnapshotsPanel.tsx';
import { LoadStrip } from '../panels/sources/LoadStrip.tsx';
import { OpenDialog } from '../panels/sources/OpenDialog.tsx';
import { TradeoffPanel } from '../panels/tradeoff/TradeoffPanel.tsx';
import { TryItPanel } from '../panels/tryIt/TryItPanel.tsx';
import { useStudio } from '../state/store.ts';
import { Tabs } from '../ui/Tabs.tsx';
import { RecipeDrop } from './RecipeDrop.tsx';
import { ShortcutsDialog } from './ShortcutsDialog.tsx';
import css from './Studio.module.css';
import { Toasts } from './Toasts.tsx';
import { useShortcuts } from './useShortcuts.ts';

const outputs = [
  { name: 'Export', content: <ExportTab /> },
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
      <RecipeDrop />
    </div>
  );
}
