/**
 * The living gate map: repaints after a change of gates, spectra, selection or theme, at most once a frame
 * and past React; answers pointer and keyboard. `dispose` unties everything.
 */
import { createSurface, type SurfaceSize } from '../../plot/surface.ts';
import { bindGesture } from '../../plot/bind-gesture.ts';
import { createGesture } from '../../plot/gesture.ts';
import { cellAt, type Cell, type HeatmapView } from '../../plot/heatmap.ts';
import { watchTheme } from '../../plot/palette.ts';
import { fittingRowHeight, layoutRows } from '../../plot/rows.ts';
import { useStudio } from '../../state/store.ts';
import type { Session } from '../../../protocol/session.ts';
import { makeBands, type Bands } from '../../../core/gates/bands.ts';
import {
  bandCount,
  cellFacts,
  moveCursor,
  rectangleSelection,
  spokenCell,
  type CellFacts,
  type Measure,
} from './cells.ts';
import { createMapPainter, type GateMapView } from './map-paint.ts';

export interface MapElements {
  readonly canvas: HTMLCanvasElement;
  /** Lies over the cells, takes pointer, focus and scrolling. */
  readonly scroller: HTMLElement;
  /** Gives the scroller its content height. */
  readonly spacer: HTMLElement;
  readonly speech: HTMLElement;
}

export interface MapView {
  setMeasure(measure: Measure): void;
  dispose(): void;
}

const GUTTER_PX = 62;
const HEADER_PX = 18;
const GROUP_GAP_PX = 4;
/** The tail's column: an eighth of the width within these bounds. */
const TAIL_PX: readonly [number, number] = [28, 96];
const TAIL_GAP_PX = 5;
const ROW_PX: readonly [number, number] = [7, 24];

export function createMapView(
  elements: MapElements,
  onHover: (facts: CellFacts | null, x: number, y: number) => void,
): MapView {
  const { canvas, scroller, spacer, speech } = elements;
  const painter = createMapPainter();
  let measure: Measure = 'gate';
  let cursor: Cell = { row: 0, column: 0 };
  let cursorAnchor: Cell = cursor;
  let hoverAt: { x: number; y: number } | null = null;
  let bands: Bands | null = null;
  let bandsBudget: number | null = null;
  let laidOut: { session: Session; height: number; layout: HeatmapView['layout'] } | null = null;

  const viewOf = (session: Session, size: SurfaceSize): GateMapView => {
    const height = Math.max(1, size.height - HEADER_PX);
    if (laidOut?.session !== session || laidOut.height !== height) {
      const groups = session.slots.map((slot) => slot.layer);
      const rowHeight = fittingRowHeight(
        groups.length,
        new Set(groups).size,
        GROUP_GAP_PX,
        height - 4,
        ROW_PX,
      );
      laidOut = { session, height, layout: layoutRows(groups, rowHeight, GROUP_GAP_PX) };
      spacer.style.height = `${laidOut.layout.height}px`;
    }
    const width = Math.max(1, scroller.clientWidth - GUTTER_PX - 6);
    const { budget, slots } = session.layout;
    const tail =
      budget === null
        ? null
        : { widthPx: Math.max(TAIL_PX[0], Math.min(TAIL_PX[1], Math.round(width / 8))), gapPx: TAIL_GAP_PX };
    // Of a matrix with a tail, the gates before it.
    const longest = budget ?? slots.reduce((max, slot) => Math.max(max, slot.gates), 1);
    const own = bandCount(tail ? width - tail.widthPx - tail.gapPx : width, longest);
    const columns = tail ? own + 1 : own;
    if (bands?.count !== columns || bandsBudget !== budget) {
      bands = makeBands(columns, budget);
      bandsBudget = budget;
    }
    const box = { left: GUTTER_PX, top: HEADER_PX, width, height };
    return { layout: laidOut.layout, columns, tail, bands, box, scrollTop: scroller.scrollTop };
  };

  const surface = createSurface(canvas, (context, size) => {
    const state = useStudio.getState();
    if (!state.session) return;
    const view = viewOf(state.session, size);
    const keyboard = document.activeElement === scroller && scroller.matches(':focus-visible');
    painter.paint(context, view, state, state.session, {
      measure,
      cursor: keyboard ? cursor : null,
      ratio: size.ratio,
    });
    // What lies under a resting pointer changes while a run goes.
    showHover();
  });

  const now = (): { session: Session; view: GateMapView } | null => {
    const { session } = useStudio.getState();
    return session && surface.size.width > 0 ? { session, view: viewOf(session, surface.size) } : null;
  };

  const factsAt = (session: Session, view: GateMapView, cell: Cell): CellFacts | null => {
    const info = session.slots[cell.row];
    const slot = session.layout.slots[cell.row];
    const state = useStudio.getState();
    return info && slot
      ? cellFacts(
          { ...info, ...slot },
          cell.column,
          painter.figures(state, session, cell.row, view.bands),
          state.spectra[cell.row]?.singularValues ?? null,
        )
      : null;
  };

  const showHover = (): void => {
    const at = hoverAt;
    const here = now();
    const cell = at && here ? cellAt(here.view, at.x, at.y) : null;
    useStudio.getState().hover(cell?.row ?? null);
    onHover(cell && here ? factsAt(here.session, here.view, cell) : null, at?.x ?? 0, at?.y ?? 0);
  };

  /** Canvas coordinates: the scroller lies under the header. */
  const gesture = createGesture((start, { shift }) => {
    const here = now();
    if (!here || start.x > scroller.clientWidth) return null;
    const first = cellAt(here.view, start.x, start.y, true);
    if (!first) return null;
    const before = useStudio.getState().selection;
    const onLabels = start.x < here.view.box.left;
    const anchorRow = shift ? (before.slots[0] ?? first.row) : first.row;
    const anchor: Cell =
      onLabels || shift ? { row: anchorRow, column: shift && !onLabels ? first.column : 0 } : first;
    const select = (to: Cell, whole: boolean): void => {
      const { columns, bands: cut } = here.view;
      const [a, b] = whole
        ? [
            { ...anchor, column: 0 },
            { ...to, column: columns - 1 },
          ]
        : [anchor, to];
      useStudio.getState().select(rectangleSelection(a, b, cut));
    };
    // A click takes the row whole; only a drag draws a band.
    select(first, true);
    cursor = cursorAnchor = first;
    return {
      absolute: true,
      move(point) {
        const view = now()?.view;
        const to = view && cellAt(view, point.x, point.y, true);
        const dragged = Math.hypot(point.x - start.x, point.y - start.y) > 4;
        if (to && dragged) select(to, onLabels);
      },
      commit: () => surface.invalidate(),
      cancel: () => useStudio.getState().select(before),
    };
  });

  const onMove = (event: PointerEvent): void => {
    const { left, top } = canvas.getBoundingClientRect();
    hoverAt = { x: event.clientX - left, y: event.clientY - top };
    showHover();
  };
  const onLeave = (): void => {
    hoverAt = null;
    showHover();
  };
  const onKey = (event: KeyboardEvent): void => {
    const here = now();
    if (!here || event.ctrlKey || event.metaKey || event.altKey) return;
    const { session, view } = here;
    const clamped = { row: cursor.row, column: Math.min(view.columns - 1, cursor.column) };
    const next = moveCursor(clamped, event.key, session.slots.length, view.columns, view.layout.groupStarts);
    if (next) {
      cursor = next;
      if (!event.shiftKey) cursorAnchor = next;
      else useStudio.getState().select(rectangleSelection(cursorAnchor, next, view.bands));
      reveal(view, next.row);
      const facts = factsAt(session, view, next);
      speech.textContent = facts ? spokenCell(facts) : '';
    } else if (event.key === 'Enter' || event.key === ' ') {
      useStudio.getState().select(rectangleSelection(clamped, clamped, view.bands));
      speech.textContent = `Selected ${speech.textContent ?? ''}`;
    } else return;
    event.preventDefault();
    event.stopPropagation();
    surface.invalidate();
  };
  const reveal = (view: HeatmapView, row: number): void => {
    const top = view.layout.tops[row] ?? 0;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    const bottom = top + view.layout.rowHeight - view.box.height;
    if (bottom > scroller.scrollTop) scroller.scrollTop = bottom;
  };

  const unbind = bindGesture(scroller, gesture, canvas, { scrolls: true });
  const unwatch = watchTheme(() => {
    painter.forgetColours();
    surface.invalidate();
  });
  const unsubscribe = useStudio.subscribe((state, previous) => {
    if (
      state.gatesVersion !== previous.gatesVersion ||
      state.gates !== previous.gates ||
      state.spectra !== previous.spectra ||
      state.selection !== previous.selection ||
      state.hoveredSlot !== previous.hoveredSlot ||
      state.session !== previous.session ||
      state.options.gateMax !== previous.options.gateMax
    ) {
      surface.invalidate();
    }
  });
  const listeners: readonly [keyof HTMLElementEventMap, (event: never) => void][] = [
    ['pointermove', onMove],
    ['pointerleave', onLeave],
    ['keydown', onKey],
    ['scroll', surface.invalidate],
    ['focus', surface.invalidate],
    ['blur', surface.invalidate],
  ];
  for (const [type, listener] of listeners)
    scroller.addEventListener(type, listener as EventListener, { passive: type === 'scroll' });

  return {
    setMeasure(next) {
      measure = next;
      surface.invalidate();
    },
    dispose() {
      unbind();
      unwatch();
      unsubscribe();
      for (const [type, listener] of listeners) scroller.removeEventListener(type, listener as EventListener);
      surface.dispose();
    },
  };
}
