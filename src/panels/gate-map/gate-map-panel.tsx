/**
 * All gates at a glance: a row for each linear layer, a column for each band of its spectrum. Drag a
 * rectangle to select it, click a row to select it whole. The map lives outside React; this component only
 * frames it.
 */
import { Table2 } from 'lucide-react';
import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { useStudio } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { Panel } from '../../ui/panel.tsx';
import { measureHints, measureNames, type CellFacts, type Measure } from './cells.ts';
import css from './gate-map.module.css';
import { MapLegend } from './map-legend.tsx';
import { MapTable } from './map-table.tsx';
import { createMapView, type MapView } from './map-view.ts';

export function GateMapPanel(): ReactNode {
  const ready = useStudio((state) => state.session !== null);
  const [measure, setMeasure] = useState<Measure>('gate');
  const [asTable, setAsTable] = useState(false);
  const note = ready ? 'matrix × band of its spectrum' : 'waits for the spectra';
  const actions = (
    <>
      <MapLegend measure={measure} />
      <div className={css.segments} role="group" aria-label="Colour shows">
        {(Object.keys(measureNames) as Measure[]).map((name) => (
          <Button
            key={name}
            label={measureNames[name]}
            hint={measureHints[name]}
            small
            aria-pressed={measure === name}
            onClick={() => setMeasure(name)}
            testId={`gate-map-${name}`}
          />
        ))}
      </div>
      <Button
        label="Show as a table"
        icon={<Table2 />}
        iconOnly
        small
        tone="quiet"
        aria-pressed={asTable}
        onClick={() => setAsTable(!asTable)}
        testId="gate-map-table"
      />
    </>
  );
  return (
    <Panel title="Gate map" note={note} actions={actions} still ownKeys testId="gate-map">
      {asTable ? <MapTable measure={measure} /> : <MapCanvas measure={measure} />}
    </Panel>
  );
}

function MapCanvas({ measure }: { readonly measure: Measure }): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const spacer = useRef<HTMLDivElement>(null);
  const speech = useRef<HTMLDivElement>(null);
  const view = useRef<MapView | null>(null);
  const [hover, setHover] = useState<{
    readonly facts: CellFacts;
    readonly x: number;
    readonly y: number;
    readonly flip: boolean;
    readonly up: boolean;
  } | null>(null);

  const onHover = useCallback((facts: CellFacts | null, x: number, y: number) => {
    const bounds = box.current?.getBoundingClientRect();
    setHover((before) => {
      if (!facts) return before === null ? before : null;
      const same =
        before &&
        before.x === x &&
        before.y === y &&
        (Object.keys(facts) as (keyof CellFacts)[]).every((key) => before.facts[key] === facts[key]);
      if (same) return before;
      return {
        facts,
        x,
        y,
        flip: bounds !== undefined && x > bounds.width - 240,
        up: bounds !== undefined && y > bounds.height - 130,
      };
    });
  }, []);

  useEffect(() => {
    if (!canvas.current || !scroller.current || !spacer.current || !speech.current) return;
    const made = createMapView(
      { canvas: canvas.current, scroller: scroller.current, spacer: spacer.current, speech: speech.current },
      onHover,
    );
    view.current = made;
    return () => made.dispose();
  }, [onHover]);
  useEffect(() => view.current?.setMeasure(measure), [measure]);

  return (
    <div className={css.box} ref={box}>
      <canvas ref={canvas} className={css.canvas} aria-hidden="true" />
      <div
        ref={scroller}
        className={css.scroller}
        tabIndex={0}
        role="application"
        aria-roledescription="heat map"
        aria-label="Gate map. Arrow keys move between bands and linear layers, Shift extends the selection, Enter selects, Page Up and Page Down go by layer."
        data-testid="gate-map-grid"
      >
        <div ref={spacer} />
      </div>
      <div ref={speech} className="visually-hidden" aria-live="polite" />
      {hover && (
        <dl
          className={css.tip}
          style={{ left: hover.x, top: hover.y }}
          data-flip={hover.flip}
          data-up={hover.up}
          role="tooltip"
        >
          <dt className={css.tipHead}>{hover.facts.where}</dt>
          <dd className={css.tipHead}>{hover.facts.which}</dd>
          <dt>gate</dt>
          <dd>{hover.facts.gate}</dd>
          <dt>σ</dt>
          <dd>{hover.facts.sigma}</dd>
          <dt>injected energy</dt>
          <dd>{hover.facts.energy}</dd>
          <dt>locked</dt>
          <dd>{hover.facts.locked}</dd>
        </dl>
      )}
    </div>
  );
}
