/**
 * The workbench: which panel stands where. Nothing is computed here.
 * LAYERS left, GATE MAP over GATE EDITOR in the centre, TRADE-OFF, SNAPSHOTS and LOSSES right, TRY IT and EXPORT | LOG below.
 */
import type { ComponentType, ReactNode } from 'react';
import { ExportTab } from '../panels/exporting/ExportTab.tsx';
import { HeaderPanel } from '../panels/header/HeaderPanel.tsx';
import { LogTab } from '../panels/log/LogTab.tsx';
import { LossesPanel } from '../panels/losses/LossesPanel.tsx';
import { PairingDialog } from '../panels/pairing/PairingDialog.tsx';
import { RunControls } from '../panels/runControls/RunControls.tsx';
import { SnapshotsPanel } from '../panels/snapshots/SnapshotsPanel.tsx';
import { LoadStrip } from '../panels/sources/LoadStrip.tsx';
import { OpenDialog } from '../panels/sources/OpenDialog.tsx';
import { TradeoffPanel } from '../panels/tradeoff/TradeoffPanel.tsx';
import { TryItPanel } from '../panels/tryIt/TryItPanel.tsx';
import { useStudio } from '../state/store.ts';
import { Tabs } from '../ui/Tabs.tsx';
import { ShortcutsDialog } from './ShortcutsDialog.tsx';
import css from './Studio.module.css';
import { Toasts } from './Toasts.tsx';
import { useShortcuts } from './useShortcuts.ts';

/** Panels built beside this one: `src/panels/<room>/<Name>.tsx` exporting a component called <Name>. */
const neighbours = import.meta.glob<Record<string, ComponentType>>(
  ['../panels/layers/LayersPanel.tsx', '../panels/gateMap/GateMapPanel.tsx', '../panels/gateEditor/GateEditorPanel.tsx'],
  { eager: true },
);

function Slot({ path, name }: { path: string; name: string }): ReactNode {
  const Component = neighbours[`../panels/${path}/${name}.tsx`]?.[name];
  return <div className={css.cell}>{Component && <Component />}</div>;
}

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
        <Slot path="layers" name="LayersPanel" />
        <div className={css.centre}>
          <Slot path="gateMap" name="GateMapPanel" />
          <Slot path="gateEditor" name="GateEditorPanel" />
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
    </div>
  );
}
