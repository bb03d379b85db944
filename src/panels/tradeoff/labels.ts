/**
 * Where the names of the points stand: beside their own mark, on no other mark and on no other name; else
 * they are left out.
 */
import { methodTitle } from '../../state/method-slice.ts';
import type { Measurement } from '../../state/records.ts';
import type { PlotPoint } from './points.ts';

export interface LabelPlace {
  readonly dx: number;
  readonly dy: number;
  readonly anchor: 'start' | 'end';
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The plot at its smallest, in px: what fits there fits wherever it is larger. */
const PLOT = { width: 256, height: 84 };
const LETTER_PX = 5.4;
const LETTER_HEIGHT_PX = 10;

/** Which of them matter most when there is not room for all. */
const rank: Record<Measurement['kind'], number> = {
  current: 0,
  vlm: 1,
  method: 2,
  'task-arithmetic': 3,
  snapshot: 4,
};
const reach: Record<Measurement['kind'], number> = {
  current: 7,
  vlm: 7,
  method: 5,
  'task-arithmetic': 4,
  snapshot: 3,
};

export const labelOf = ({ kind, lambda, method }: Measurement): string => {
  switch (kind) {
    case 'vlm':
      return 'VLM';
    case 'task-arithmetic':
      return `λ ${lambda}`;
    case 'method':
      return method ? methodTitle(method) : '';
    case 'snapshot':
      return '';
    case 'current':
      return 'merged';
    default:
      return kind satisfies never;
  }
};

const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** By id of the measurement. Snapshots are named by their tooltip only. `x` and `y` are the axes' domains. */
export function labelPlaces(
  points: readonly PlotPoint[],
  x: readonly [number, number],
  y: readonly [number, number],
): ReadonlyMap<string, LabelPlace> {
  const marks = points.map((point) => ({
    point,
    cx: (PLOT.width * (point.perception - x[0])) / (x[1] - x[0]),
    cy: PLOT.height * (1 - (point.reasoning - y[0]) / (y[1] - y[0])),
    reach: reach[point.measurement.kind],
  }));
  const boxes: Box[] = marks.map(({ cx, cy, reach: r }) => ({
    left: cx - r,
    right: cx + r,
    top: cy - r,
    bottom: cy + r,
  }));
  const places = new Map<string, LabelPlace>();
  const named = marks
    .map((mark, index) => ({ ...mark, index }))
    .filter(({ point }) => point.measurement.kind !== 'snapshot');
  for (const { point, cx, cy, reach: r, index } of named.toSorted(
    (a, b) => rank[a.point.measurement.kind] - rank[b.point.measurement.kind],
  )) {
    const width = LETTER_PX * labelOf(point.measurement).length;
    const beside = r + 3;
    const candidates: LabelPlace[] = [
      { dx: -r, dy: -r - 2, anchor: 'end' },
      { dx: r, dy: -r - 2, anchor: 'start' },
      { dx: -beside, dy: 3.5, anchor: 'end' },
      { dx: beside, dy: 3.5, anchor: 'start' },
      { dx: -r, dy: r + 9, anchor: 'end' },
      { dx: r, dy: r + 9, anchor: 'start' },
    ];
    const boxOf = ({ dx, dy, anchor }: LabelPlace): Box => ({
      left: cx + dx - (anchor === 'end' ? width : 0),
      right: cx + dx + (anchor === 'end' ? 0 : width),
      top: cy + dy - LETTER_HEIGHT_PX + 2,
      bottom: cy + dy + 2,
    });
    const place = candidates.find((candidate) => {
      const box = boxOf(candidate);
      // Above the plot there is a margin; at its other sides stand the axes and the panel's end.
      if (box.left < 2 || box.right > PLOT.width + 6 || box.bottom > PLOT.height || box.top < -12)
        return false;
      return boxes.every((other, at) => at === index || !overlap(box, other));
    });
    if (!place) continue;
    places.set(point.measurement.id, place);
    boxes.push(boxOf(place));
  }
  return places;
}

/** A pointer cannot tell apart what lies this close, as a part of each axis. */
const TOGETHER = 0.03;

/** Other points that the one under the pointer hides. */
export function hiddenUnder(
  point: PlotPoint,
  points: readonly PlotPoint[],
  x: readonly [number, number],
  y: readonly [number, number],
): PlotPoint[] {
  return points.filter(
    (other) =>
      other !== point &&
      Math.abs(other.perception - point.perception) < TOGETHER * (x[1] - x[0]) &&
      Math.abs(other.reasoning - point.reasoning) < 2 * TOGETHER * (y[1] - y[0]),
  );
}
