/** Curves put onto gates: a freehand line, and one slot's curve onto others with more or fewer gates. */
import { relativePosition, gateIndexAt } from './bands.ts';
import { clampGate, type Brush } from './brush.ts';
import type { GateSlot } from './field.ts';

/** A point of a drawn line: relative position in the spectrum, gate. */
export interface CurvePoint {
  readonly u: number;
  readonly gate: number;
}

/** Band that a segment covers, wide enough to hold the gates under both ends in a slot of `gates` gates. */
export function segmentBand(a: CurvePoint, b: CurvePoint, gates: number): readonly [number, number] {
  const first = gateIndexAt(Math.min(a.u, b.u), gates);
  const last = gateIndexAt(Math.max(a.u, b.u), gates);
  return [first / gates, (last + 1) / gates];
}

/**
 * Gates on the straight segment from a to b, over a brush made of its `segmentBand`. `place` maps relative
 * position to the axis the line was drawn on (identity, or logarithmic), for it is straight there. Gates
 * beyond the ends take the ends' values.
 */
export function drawSegment(
  brush: Brush,
  a: CurvePoint,
  b: CurvePoint,
  place: (u: number) => number,
  gateMax: number,
): Float32Array {
  const out = new Float32Array(brush.indices.length);
  const from = place(a.u);
  const span = place(b.u) - from;
  for (const { slot, start, end, at } of brush.stretches) {
    for (let i = start; i < end; i++) {
      const share = span === 0 ? 1 : (place(relativePosition(i, slot.gates)) - from) / span;
      const t = Math.min(1, Math.max(0, share));
      out[at + i - start] = clampGate(a.gate + t * (b.gate - a.gate), gateMax);
    }
  }
  return out;
}

/**
 * The gate of a slot's curve at relative position `u`, linear between gates, constant beyond the outermost.
 */
export function sampleCurve(values: Float32Array, slot: GateSlot, u: number): number {
  const x = Math.min(slot.gates - 1, Math.max(0, u * slot.gates - 0.5));
  const left = Math.floor(x);
  const right = Math.min(slot.gates - 1, left + 1);
  const a = values[slot.offset + left] ?? 0;
  const b = values[slot.offset + right] ?? 0;
  return a + (x - left) * (b - a);
}

/**
 * Puts one slot's curve onto the brush. Equally many gates copy exactly; a shorter target takes the mean over
 * the stretch each of its gates stands for (so nothing narrow slips between samples), a longer one
 * interpolates.
 */
export function copyCurve(brush: Brush, values: Float32Array, from: GateSlot): Float32Array {
  const out = new Float32Array(brush.indices.length);
  for (const { slot, start, end, at } of brush.stretches) {
    for (let i = start; i < end; i++) {
      if (slot.gates >= from.gates) {
        out[at + i - start] = sampleCurve(values, from, relativePosition(i, slot.gates));
        continue;
      }
      const ratio = from.gates / slot.gates;
      const low = i * ratio;
      const high = low + ratio;
      let sum = 0;
      for (let j = Math.floor(low); j < Math.min(from.gates, Math.ceil(high)); j++) {
        sum += (Math.min(high, j + 1) - Math.max(low, j)) * (values[from.offset + j] ?? 0);
      }
      out[at + i - start] = sum / ratio;
    }
  }
  return out;
}
