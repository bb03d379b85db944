/**
 * Paints the editor: the spectrum behind, with its noise edge; the other selected curves thin; the ghost of
 * what the optimiser wanted where the hand has locked; the curve in front, the optimiser's stretches in its
 * colour and the hand's in its own.
 */
import { bandRange } from '../../../core/gates/bands.ts';
import { curvePath, runsOf, spanOf, spanPath } from '../../plot/curve.ts';
import { hatchPattern } from '../../plot/hatch.ts';
import type { Palette } from '../../plot/palette.ts';
import { formatValue, type Scale } from '../../plot/scale.ts';
import { axisTicks } from '../../plot/spectral-axis.ts';
import { paintSpectrum, sigmaScale } from '../../plot/spectrum.ts';
import type { StudioState } from '../../state/types.ts';
import { pixelOf, type PlotGeometry } from './geometry.ts';
import { paintTailFrame, paintTailGround } from './tail-paint.ts';
import type { Target } from '../../state/selection-target.ts';

/** More thin lines than this are a wash, and cost frames. */
const MAX_OTHERS = 28;
const LOCK_STRIP_PX = 5;

export function paintEditor(
  context: CanvasRenderingContext2D,
  state: StudioState,
  target: Target,
  geometry: PlotGeometry,
  palette: Palette,
  ratio: number,
): void {
  const { box } = geometry;
  const spectrum = state.spectra[target.primary.index] ?? null;
  context.fillStyle = palette.well;
  context.fillRect(box.left, box.top, box.width, box.height);
  paintTailGround(context, geometry, palette);
  paintGrid(context, geometry, palette);
  if (spectrum) {
    const sigma = sigmaScale(spectrum.singularValues, box);
    context.save();
    clipTo(context, geometry);
    paintSpectrum(context, spectrum.singularValues, geometry.axis, sigma, box, {
      line: palette.data,
      lineWidth: 1,
      fillAlpha: palette.dark ? 0.26 : 0.2,
    });
    context.restore();
    paintSigmaAxis(context, geometry, sigma, spectrum.measures.noiseEdge, palette);
  }
  context.save();
  clipTo(context, geometry);
  paintOthers(context, state, target, geometry, palette);
  paintCurve(context, state, target, geometry, palette, ratio);
  context.restore();
  paintTailFrame(context, geometry, target.primary.slot, palette);
  if (spectrum && spectrum.measures.noiseEdge > 0)
    paintEdgeLabel(
      context,
      geometry,
      sigmaScale(spectrum.singularValues, box).toPixel(spectrum.measures.noiseEdge),
      palette,
    );
  paintBand(context, target, geometry, palette);
}

/** The curve may lie on the frame itself at 0 and at gateMax: leave room for half a line. */
function clipTo(context: CanvasRenderingContext2D, { box }: PlotGeometry): void {
  context.beginPath();
  context.rect(box.left, box.top - 2, box.width, box.height + 4);
  context.clip();
}

function paintGrid(context: CanvasRenderingContext2D, geometry: PlotGeometry, palette: Palette): void {
  const { box, y, axis, gateMax } = geometry;
  context.font = `${11 * palette.textScale}px ${palette.font}`;
  context.lineWidth = 1;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  for (const tick of y.ticks(Math.max(2, Math.floor(box.height / 36)))) {
    const py = Math.round(y.toPixel(tick)) + 0.5;
    context.strokeStyle = tick === 1 && gateMax > 1 ? palette.border : palette.grid;
    line(context, box.left, py, box.left + box.width, py);
    context.fillStyle = palette.textFaint;
    context.fillText(String(tick), box.left - 6, py);
  }
  context.textBaseline = 'top';
  let free = -Infinity;
  const name = 'subspace';
  const right = box.left + (axis.tail?.at ?? 1) * box.width - (axis.tail ? 6 : 0);
  const nameLeft = right - context.measureText(name).width;
  for (const number of axisTicks(axis)) {
    const px = pixelOf(geometry, (number - 0.5) / axis.count);
    context.strokeStyle = palette.border;
    line(context, Math.round(px) + 0.5, box.top + box.height, Math.round(px) + 0.5, box.top + box.height + 3);
    const half = context.measureText(String(number)).width / 2;
    if (px - half < free || px + half > nameLeft - 8) continue;
    context.textAlign = 'center';
    context.fillStyle = palette.textFaint;
    context.fillText(String(number), px, box.top + box.height + 6);
    free = px + half + 8;
  }
  context.textAlign = 'right';
  context.fillText(name, right, box.top + box.height + 6);
}

function paintSigmaAxis(
  context: CanvasRenderingContext2D,
  { box }: PlotGeometry,
  sigma: Scale,
  noiseEdge: number,
  palette: Palette,
): void {
  const right = box.left + box.width;
  const edgeY = Math.round(sigma.toPixel(noiseEdge)) + 0.5;
  const shown = noiseEdge > 0 && edgeY > box.top && edgeY < box.top + box.height;
  context.font = `${11 * palette.textScale}px ${palette.font}`;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillStyle = palette.textFaint;
  context.fillText('σ', right + 6, box.top - 4);
  let free = box.top + 10;
  for (const tick of sigma.ticks(Math.max(2, Math.floor(box.height / 40))).reverse()) {
    const py = sigma.toPixel(tick);
    if (py < free || py > box.top + box.height || (shown && Math.abs(py - edgeY) < 11)) continue;
    context.fillText(formatValue(tick), right + 6, py);
    free = py + 13;
  }
  if (!shown) return;
  context.setLineDash([5, 4]);
  context.strokeStyle = palette.data;
  line(context, box.left, edgeY, right, edgeY);
  context.setLineDash([]);
  context.fillStyle = palette.textDim;
  context.fillText(formatValue(noiseEdge), right + 6, edgeY);
}

/** On top of the curves, with a halo, for they may run right through the words. */
function paintEdgeLabel(
  context: CanvasRenderingContext2D,
  { box, axis }: PlotGeometry,
  edgeY: number,
  palette: Palette,
): void {
  if (edgeY <= box.top || edgeY >= box.top + box.height) return;
  context.font = `${11 * palette.textScale}px ${palette.font}`;
  context.textAlign = 'right';
  context.textBaseline = 'bottom';
  context.strokeStyle = palette.well;
  context.lineWidth = 3;
  context.lineJoin = 'round';
  context.fillStyle = palette.textDim;
  // Clear of the handle at the end, and of the tail's, which is as wide as the tail.
  const right = box.left + (axis.tail?.at ?? 1) * box.width - 18;
  context.strokeText('noise edge', right, edgeY - 2);
  context.fillText('noise edge', right, edgeY - 2);
}

function paintOthers(
  context: CanvasRenderingContext2D,
  state: StudioState,
  target: Target,
  geometry: PlotGeometry,
  palette: Palette,
): void {
  context.strokeStyle = palette.auto;
  context.lineWidth = 0.75;
  context.globalAlpha = 0.35;
  for (const { offset, gates } of target.slots.slice(1, MAX_OTHERS + 1)) {
    context.stroke(
      curvePath(
        { values: state.gates.values, offset, count: gates },
        geometry.axis,
        geometry.y,
        geometry.box,
      ),
    );
  }
  context.globalAlpha = 1;
}

function paintCurve(
  context: CanvasRenderingContext2D,
  state: StudioState,
  { primary }: Target,
  geometry: PlotGeometry,
  palette: Palette,
  ratio: number,
): void {
  const { axis, y, box } = geometry;
  const { offset, gates: count } = primary.slot;
  const series = { values: state.gates.values, offset, count };
  const curve = curvePath(series, axis, y, box);
  const span = spanPath(series, axis, y, box);
  const locked = runsOf(state.gates.locks, offset, count).map(([start, end]) =>
    spanOf(axis, count, start, end, box),
  );
  if (span) {
    context.fillStyle = palette.auto;
    context.globalAlpha = 0.22;
    context.fill(span);
    context.globalAlpha = 1;
  }
  context.lineJoin = 'round';
  context.strokeStyle = palette.auto;
  context.lineWidth = 2;
  context.stroke(curve);
  if (locked.length === 0) return;

  const stretches = new Path2D();
  for (const { left, width } of locked) stretches.rect(left, box.top - 2, width, box.height + 4);
  context.save();
  context.clip(stretches);
  // What the optimiser wanted here, behind what the hand has set.
  context.setLineDash([4, 3]);
  context.lineWidth = 1.25;
  context.stroke(curvePath({ values: state.autoGates, offset, count }, axis, y, box));
  context.setLineDash([]);
  context.strokeStyle = palette.hand;
  context.lineWidth = 2.5;
  context.stroke(curve);
  context.restore();

  const hatch = hatchPattern(context, palette.hand, ratio, 4);
  for (const { left, width } of locked) {
    context.fillStyle = palette.handSoft;
    context.fillRect(left, box.top + box.height - LOCK_STRIP_PX, width, LOCK_STRIP_PX);
    if (hatch) context.fillStyle = hatch;
    context.fillRect(left, box.top + box.height - LOCK_STRIP_PX, width, LOCK_STRIP_PX);
  }
}

function paintBand(
  context: CanvasRenderingContext2D,
  { primary, band }: Target,
  geometry: PlotGeometry,
  palette: Palette,
): void {
  if (!band) return;
  const { box, axis } = geometry;
  const { start, end } = bandRange(primary.slot.gates, band);
  const { left, width } = spanOf(axis, primary.slot.gates, start, end, box);
  context.fillStyle = palette.surface;
  context.globalAlpha = 0.6;
  context.fillRect(box.left, box.top - 2, left - box.left, box.height + 2);
  context.fillRect(left + width, box.top - 2, box.left + box.width - left - width, box.height + 2);
  context.globalAlpha = 1;
  context.strokeStyle = palette.textDim;
  context.lineWidth = 1;
  for (const edge of [left, left + width]) {
    const px = Math.round(edge) + 0.5;
    line(context, px, box.top, px, box.top + box.height);
    // A grip, so that the edge looks as movable as it is.
    context.fillStyle = palette.textDim;
    context.fillRect(px - 2.5, box.top + box.height / 2 - 9, 5, 18);
  }
}

function line(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}
