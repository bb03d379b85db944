/**
 * Paints the gate map: labels, cells, selection, hovered row and keyboard cursor. Holds no state of its own
 * but what it may reuse.
 */
import {
  aggregateBands,
  makeBandFigures,
  makeBands,
  type BandFigures,
  type Bands,
} from '../../../core/gates/bands.ts';
import { kindName } from '../../../core/gates/slot-name.ts';
import { gateColours } from '../../plot/colour.ts';
import { hatchPattern } from '../../plot/hatch.ts';
import {
  columnLeft,
  columnRight,
  paintHeatmap,
  rowTop,
  visibleRows,
  type Cell,
  type HeatmapView,
} from '../../plot/heatmap.ts';
import { readPalette, type Palette } from '../../plot/palette.ts';
import type { Session } from '../../../protocol/session.ts';
import type { StudioState } from '../../state/types.ts';
import { measuredValues, measureMax, type Measure } from './cells.ts';

/** The cells' places, and the bands that their columns show. */
export interface GateMapView extends HeatmapView {
  readonly bands: Bands;
}

export interface MapLook {
  readonly measure: Measure;
  readonly cursor: Cell | null;
  readonly ratio: number;
}

export interface MapPainter {
  paint(
    context: CanvasRenderingContext2D,
    view: GateMapView,
    state: StudioState,
    session: Session,
    look: MapLook,
  ): void;
  /** Figures of one row as of now. */
  figures(state: StudioState, session: Session, row: number, bands: Bands): BandFigures;
  /** Call when the theme or the screen changes. */
  forgetColours(): void;
}

const LABEL_GAP_PX = 6;
const MIN_LABEL_ROW_PX = 10;

export function createMapPainter(): MapPainter {
  let palette: Palette | null = null;
  let hatch: { onLight: CanvasPattern | null; onDark: CanvasPattern | null; ratio: number } | null = null;
  let scratch = makeBandFigures(makeBands(1, null));
  const cells = document.createElement('canvas');

  const figures: MapPainter['figures'] = (state, session, row, bands) => {
    if (scratch.bands !== bands) scratch = makeBandFigures(bands);
    const slot = session.layout.slots[row];
    if (slot)
      aggregateBands(
        slot,
        state.gates.values,
        state.gates.locks,
        state.spectra[row]?.singularValues ?? null,
        scratch,
      );
    return scratch;
  };

  return {
    figures,
    forgetColours() {
      palette = null;
      hatch = null;
    },
    paint(context, view, state, session, look) {
      palette ??= readPalette();
      if (hatch?.ratio !== look.ratio) {
        const onDark = hatchPattern(context, 'rgb(255 255 255 / 62%)', look.ratio, 4);
        hatch = {
          onLight: hatchPattern(context, 'rgb(0 0 0 / 52%)', look.ratio, 4),
          onDark,
          ratio: look.ratio,
        };
      }
      const colours = gateColours(palette.dark, measureMax(look.measure, state.options.gateMax));
      paintHeatmap(context, view, {
        row(row) {
          const band = figures(state, session, row, view.bands);
          // The locked share is the colour itself in its own measure: hatching it too would say it twice.
          return {
            values: measuredValues(look.measure, band),
            locked: look.measure === 'locked' ? noLocks(band) : band.locked,
          };
        },
        pixel: colours.pixel,
        cells,
        isLight: colours.isLight,
        empty: palette.well,
        hatch,
        ratio: look.ratio,
      });
      paintLabels(context, view, session, state, palette);
      paintMarks(context, view, state, look.cursor, palette);
    },
  };
}

let zeros = new Float32Array(0);
function noLocks({ bands: { count } }: BandFigures): Float32Array {
  if (zeros.length !== count) zeros = new Float32Array(count);
  return zeros;
}

function paintLabels(
  context: CanvasRenderingContext2D,
  view: GateMapView,
  session: Session,
  state: StudioState,
  palette: Palette,
): void {
  const { layout, box } = view;
  const { first, last } = visibleRows(view);
  const roomy = layout.rowHeight >= MIN_LABEL_ROW_PX;
  const selected = new Set(state.selection.slots);
  context.save();
  context.beginPath();
  context.rect(0, box.top, box.left, box.height);
  context.clip();
  context.textBaseline = 'middle';
  for (let row = first; row <= last; row++) {
    const slot = session.slots[row];
    if (!slot) continue;
    const middle = rowTop(view, row) + layout.rowHeight / 2;
    if (roomy) {
      context.font = `${selected.has(row) ? 620 : 400} ${Math.min(11 * palette.textScale, layout.rowHeight)}px ${palette.font}`;
      context.textAlign = 'right';
      context.fillStyle = selected.has(row) || state.hoveredSlot === row ? palette.text : palette.textFaint;
      context.fillText(kindName(slot), box.left - LABEL_GAP_PX, middle, box.left - 26);
    }
    if (layout.groupStarts.includes(row)) {
      context.font = `600 ${11 * palette.textScale}px ${palette.font}`;
      context.textAlign = 'left';
      context.fillStyle = palette.textDim;
      context.fillText(
        roomy ? `${slot.layer}` : `layer ${slot.layer}`,
        LABEL_GAP_PX + 2,
        rowTop(view, row) + Math.max(6, layout.rowHeight / 2),
      );
    }
  }
  context.restore();

  // Columns: subspace numbers where all matrices have equally many of their own, else shares of the spectrum.
  const { slots, budget } = session.layout;
  const count = budget ?? slots[0]?.gates ?? 1;
  const equal = slots.every(({ gates }) => gates === (budget === null ? count : budget + 1));
  const right = view.tail ? columnRight(view, view.columns - 2) : box.left + box.width;
  context.font = `${11 * palette.textScale}px ${palette.font}`;
  context.fillStyle = palette.textFaint;
  context.textBaseline = 'middle';
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const label = equal ? `${Math.max(1, Math.round(share * count))}` : `${100 * share} %`;
    context.textAlign = share === 0 ? 'left' : share === 1 ? 'right' : 'center';
    context.fillText(
      share === 0 ? `${label}  strongest` : label,
      box.left + share * (right - box.left),
      box.top / 2,
    );
  }
  if (!view.tail) return;
  context.textAlign = 'center';
  context.fillText('tail', box.left + box.width - view.tail.widthPx / 2, box.top / 2);
}

function paintMarks(
  context: CanvasRenderingContext2D,
  view: GateMapView,
  state: StudioState,
  cursor: Cell | null,
  palette: Palette,
): void {
  const { box, layout, columns } = view;
  const { slots, band } = state.selection;
  context.save();
  context.beginPath();
  context.rect(box.left - 3, box.top - 1, box.width + 5, box.height + 1);
  context.clip();
  if (state.hoveredSlot !== null) {
    context.fillStyle = palette.textDim;
    context.fillRect(box.left - 3, rowTop(view, state.hoveredSlot), 2, layout.rowHeight);
  }
  const left = band ? pixelOf(view, band[0], 'left') : box.left;
  const right = band ? pixelOf(view, band[1], 'right') : box.left + box.width;
  // Neighbouring rows share one frame.
  for (let i = 0; i < slots.length;) {
    let j = i;
    while (j + 1 < slots.length && (slots[j + 1] ?? 0) === (slots[j] ?? 0) + 1) j += 1;
    const top = rowTop(view, slots[i] ?? 0);
    frame(context, left, top, right, rowTop(view, slots[j] ?? 0) + layout.rowHeight, palette, palette.hand);
    i = j + 1;
  }
  if (cursor) {
    const top = rowTop(view, cursor.row);
    frame(
      context,
      columnLeft(view, cursor.column),
      top,
      columnRight(view, Math.min(columns - 1, cursor.column)),
      top + layout.rowHeight,
      palette,
      palette.text,
    );
  }
  context.restore();
}

/** Where a band's edge lies: on the near side of the gap where the tail begins. */
function pixelOf(view: GateMapView, u: number, edge: 'left' | 'right'): number {
  const { bands, columns, tail, box } = view;
  const ownEnd = bands.edges[bands.tail ? columns - 1 : columns] ?? 1;
  if (tail && (edge === 'left' ? u >= ownEnd - 1e-9 : u > ownEnd + 1e-9))
    return edge === 'left' ? columnLeft(view, columns - 1) : box.left + box.width;
  const right = tail ? columnRight(view, columns - 2) : box.left + box.width;
  return box.left + (u / ownEnd) * (right - box.left);
}

/** A frame that shows on any cell: the theme's surface outside, the mark inside. */
function frame(
  context: CanvasRenderingContext2D,
  left: number,
  top: number,
  right: number,
  bottom: number,
  palette: Palette,
  colour: string,
): void {
  context.strokeStyle = palette.surface;
  context.lineWidth = 3.5;
  context.strokeRect(left, top, right - left - 0.5, bottom - top - 0.5);
  context.strokeStyle = colour;
  context.lineWidth = 1.75;
  context.strokeRect(left, top, right - left - 0.5, bottom - top - 0.5);
}
