/**
 * The workbench: which panel stands where. Nothing is computed here.
 * Slots: LAYERS left, GATE MAP over GATE EDITOR in the centre, TRADE-OFF, SNAPSHOTS and LOSSES right, TRY IT and LOG/EXPORT below.
 */
import type { ComponentType, ReactNode } from 'react';
import css from './Studio.module.css';

/** Panels built beside this one: `src/panels/<room>/<Name>.tsx` exporting a component called <Name>. */
const neighbours = import.meta.glob<Record<string, ComponentType>>(
  ['../panels/layers/LayersPanel.tsx', '../panels/gateMap/GateMapPanel.tsx', '../panels/gateEditor/GateEditorPanel.tsx'],
  { eager: true },
);

function Slot({ path, name }: { path: string; name: string }): ReactNode {
  const Component = neighbours[`../panels/${path}/${name}.tsx`]?.[name];
  return <div className={css.cell}>{Component && <Component />}</div>;
}

export function Studio(): ReactNode {
  return (
    <div className={css.studio}>
      <header />
      <div />
      <main className={css.work}>
        <Slot path="layers" name="LayersPanel" />
        <div className={css.centre}>
          <Slot path="gateMap" name="GateMapPanel" />
          <Slot path="gateEditor" name="GateEditorPanel" />
        </div>
        <div className={css.right} />
      </main>
      <footer />
    </div>
  );
}
