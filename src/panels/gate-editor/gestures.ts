/**
 * The editor's gestures, one per tool. Each previews while the pointer moves, commits one history entry on
 * release and is undone whole by Escape. Values are always computed from the gates at the start, so that a
 * gesture never feeds on itself (smoothing and drawing, which are meant to, excepted).
 */
import { gateIndexAt, relativePosition } from '../../../core/gates/bands.ts';
import {
  addToGates,
  bendAmount,
  bendGates,
  makeBrush,
  scaleGates,
  setGates,
  smoothGates,
} from '../../../core/gates/brush.ts';
import { drawSegment, segmentBand, type CurvePoint } from '../../../core/gates/draw.ts';
import type { GesturePoint, GestureSession } from '../../plot/gesture.ts';
import { handleWeight } from '../../plot/handles.ts';
import { useStudio } from '../../state/store.ts';
import {
  bandBetween,
  bandZone,
  gateAt,
  handleBand,
  handleGate,
  isTailHandle,
  movePlaces,
  pixelOf,
  positionAt,
  tailSpan,
  type PlotGeometry,
} from './geometry.ts';
import { SMOOTH_SHARE } from '../../state/selection-edits.ts';
import type { GateTool } from '../../state/types.ts';
import { overlap, targetLabel, type Target } from '../../state/selection-target.ts';

export type BandMode = 'set' | 'add' | 'scale';

export interface GestureContext {
  readonly target: Target;
  readonly geometry: PlotGeometry;
}

/** Pixels of a vertical drag that double or halve in scale mode. */
const DOUBLING_PX = 80;
/** Half width of the smoothing brush. */
const SMOOTH_REACH_PX = 22;
const CLICK_PX = 3;

/** A session that previews and belongs to the history. */
function gateSession(label: string, move: (point: GesturePoint) => void, absolute = false): GestureSession {
  return {
    absolute,
    move,
    commit: () => useStudio.getState().commitGates(label),
    cancel: () => useStudio.getState().cancelGesture(),
  };
}

/**
 * Bends the curve by a handle: it follows the pointer, its neighbours stay. `moved` hears of its new place
 * along the axis.
 */
export function handleGesture(
  context: GestureContext,
  places: readonly number[],
  k: number,
  start: GesturePoint,
  moved: (places: readonly number[]) => void,
): GestureSession {
  const { target, geometry } = context;
  const { axis, box, gateMax } = geometry;
  const before = useStudio.getState().gates.values;
  const brush = makeBrush(target.slots, handleBand(axis, places, k, target.band));
  const place = places[k] ?? 0;
  const held = before[target.primary.slot.offset + handleGate(axis, place)] ?? 0;
  // The pointer rarely hits the handle's middle: keep the distance it was taken at.
  const grip = { x: start.x - (box.left + place * box.width), y: start.y - geometry.y.toPixel(held) };
  const session = gateSession(`Shape ${targetLabel(target)}`, (point) => {
    const now = movePlaces(axis, places, k, (point.x - grip.x - box.left) / box.width, 12 / box.width);
    moved(now);
    const centre = handleGate(axis, now[k] ?? place);
    const from = before[target.primary.slot.offset + centre] ?? 0;
    const amount = bendAmount(from, gateAt(geometry, point.y - grip.y), gateMax);
    // Weight 1 at the middle of the held subspace, so that it lands exactly under the handle.
    const middle = [...now];
    middle[k] = axis.place(relativePosition(centre, axis.count));
    useStudio.getState().previewGates(
      brush.indices,
      bendGates(brush, before, amount, (u) => handleWeight(middle, k, axis.place(u)), gateMax),
    );
  });
  return {
    ...session,
    cancel() {
      moved(places);
      session.cancel();
    },
  };
}

/** Moves a handle's gate by `step` from where it is: the keyboard's way. */
export function nudgeHandle(
  context: GestureContext,
  places: readonly number[],
  k: number,
  step: number | 'floor' | 'ceiling',
): void {
  const { target, geometry } = context;
  const { axis, gateMax } = geometry;
  const { gates, previewGates } = useStudio.getState();
  const centre = handleGate(axis, places[k] ?? 0);
  const from = gates.values[target.primary.slot.offset + centre] ?? 0;
  const to =
    step === 'floor' ? 0 : step === 'ceiling' ? gateMax : Math.min(gateMax, Math.max(0, from + step));
  const middle = [...places];
  middle[k] = axis.place(relativePosition(centre, axis.count));
  const brush = makeBrush(target.slots, handleBand(axis, places, k, target.band));
  previewGates(
    brush.indices,
    bendGates(
      brush,
      gates.values,
      bendAmount(from, to, gateMax),
      (u) => handleWeight(middle, k, axis.place(u)),
      gateMax,
    ),
  );
}

/** A stroke that starts outside the band means the whole spectrum: the band would only be in its way. */
function strokeMask({ target, geometry }: GestureContext, start: GesturePoint): Target['band'] {
  return bandZone(geometry, target.band, start.x) === 'outside' ? null : target.band;
}

export function drawGesture(context: GestureContext, start: GesturePoint): GestureSession {
  const { target, geometry } = context;
  const mask = strokeMask(context, start);
  const { gates: count } = target.primary.slot;
  const pointOf = (point: GesturePoint): CurvePoint => ({
    u: positionAt(geometry, point.x),
    gate: gateAt(geometry, point.y),
  });
  const draw = (a: CurvePoint, b: CurvePoint): void => {
    const brush = makeBrush(target.slots, overlap(segmentBand(a, b, count), mask));
    useStudio
      .getState()
      .previewGates(brush.indices, drawSegment(brush, a, b, geometry.axis.place, geometry.gateMax));
  };
  let last = pointOf(start);
  draw(last, last);
  return gateSession(
    `Draw ${targetLabel({ ...target, band: null })}`,
    (point) => {
      const next = pointOf(point);
      draw(last, next);
      last = next;
    },
    true,
  );
}

/** Rubbing over the curve smooths it under the pointer, more the longer it is rubbed. */
export function smoothGesture(context: GestureContext, start: GesturePoint): GestureSession {
  const { target, geometry } = context;
  const mask = strokeMask(context, start);
  const smooth = (point: GesturePoint): void => {
    const from = positionAt(geometry, point.x - SMOOTH_REACH_PX);
    const to = positionAt(geometry, point.x + SMOOTH_REACH_PX);
    const brush = makeBrush(target.slots, overlap([from, to], mask));
    const { gates, previewGates } = useStudio.getState();
    previewGates(brush.indices, smoothGates(brush, gates.values, SMOOTH_SHARE, geometry.gateMax));
  };
  smooth(start);
  return gateSession(`Smooth ${targetLabel({ ...target, band: null })}`, smooth, true);
}

/** Draws a new band, moves one of its edges; a click outside clears it. */
export function bandSelectGesture(context: GestureContext, start: GesturePoint): GestureSession {
  const { target, geometry } = context;
  const { gates: count } = target.primary.slot;
  const { select } = useStudio.getState();
  const before = target.band;
  const zone = bandZone(geometry, before, start.x);
  // Dragging an edge keeps the subspace at the other one.
  const fixed =
    before && zone === 'left-edge'
      ? relativePosition(gateIndexAt(before[1] - 0.5 / count, count), count)
      : before && zone === 'right-edge'
        ? relativePosition(gateIndexAt(before[0] + 0.5 / count, count), count)
        : positionAt(geometry, start.x);
  let dragged = false;
  return {
    absolute: true,
    move(point) {
      dragged ||= Math.abs(point.x - start.x) > CLICK_PX;
      if (dragged) select({ band: bandBetween(count, fixed, positionAt(geometry, point.x)) });
    },
    commit() {
      if (!dragged && zone === 'outside') select({ band: null });
    },
    cancel: () => select({ band: before }),
  };
}

/** Moves the whole band up or down: to the pointer (set), by its way (add), or by a factor (scale). */
export function bandValueGesture(
  { target, geometry }: GestureContext,
  mode: BandMode,
  start: GesturePoint,
): GestureSession {
  const { gateMax } = geometry;
  const brush = makeBrush(target.slots, target.band);
  const before = useStudio.getState().gates.values;
  const names: Readonly<Record<BandMode, string>> = { set: 'Set', add: 'Add', scale: 'Scale' };
  const valuesAt = (point: GesturePoint): Float32Array => {
    switch (mode) {
      case 'set':
        return setGates(brush, gateAt(geometry, point.y), gateMax);
      case 'add':
        return addToGates(brush, before, geometry.y.toValue(point.y) - geometry.y.toValue(start.y), gateMax);
      case 'scale':
        return scaleGates(brush, before, 2 ** ((start.y - point.y) / DOUBLING_PX), gateMax);
      default:
        return mode satisfies never;
    }
  };
  return gateSession(`${names[mode]} ${targetLabel(target)}`, (point) =>
    useStudio.getState().previewGates(brush.indices, valuesAt(point)),
  );
}

/** Which gesture begins at a point; null where none does. */
export function gestureAt(
  context: GestureContext,
  tool: GateTool,
  mode: BandMode,
  handles: {
    readonly places: readonly number[];
    readonly hit: number;
    moved(places: readonly number[]): void;
  },
  start: GesturePoint,
): GestureSession | null {
  const { box } = context.geometry;
  const inside =
    start.x >= box.left - 8 &&
    start.x <= box.left + box.width + 8 &&
    start.y >= box.top - 10 &&
    start.y <= box.top + box.height + 10;
  if (!inside) return null;
  switch (tool) {
    case 'shape':
      if (handles.hit >= 0) return handleGesture(context, handles.places, handles.hit, start, handles.moved);
      return bandSelectGesture(context, start);
    case 'draw':
      return drawGesture(context, start);
    case 'smooth':
      return smoothGesture(context, start);
    case 'band':
      return bandZone(context.geometry, context.target.band, start.x) === 'inside'
        ? bandValueGesture(context, mode, start)
        : bandSelectGesture(context, start);
    default:
      return tool satisfies never;
  }
}

/** The handle within reach of a point, nearest first; −1 for none. */
export function handleUnder(
  { target, geometry }: GestureContext,
  places: readonly number[],
  point: GesturePoint,
  reachPx = 14,
): number {
  const { values } = useStudio.getState().gates;
  let best = -1;
  let nearest = reachPx;
  places.forEach((place, k) => {
    const index = target.primary.slot.offset + handleGate(geometry.axis, place);
    const reach = isTailHandle(geometry.axis, place) ? tailSpan(geometry).width / 2 : 0;
    const beside = Math.max(0, Math.abs(point.x - pixelOf(geometry, geometry.axis.unplace(place))) - reach);
    const distance = Math.hypot(beside, point.y - geometry.y.toPixel(values[index] ?? 0));
    if (distance < nearest) [best, nearest] = [k, distance];
  });
  return best;
}
