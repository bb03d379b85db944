/**
 * A brush: which gates an edit touches, over one or several slots at the same relative stretch of their
 * spectra, and the edits over it. Every edit reads the values at the start of the gesture and writes new ones
 * parallel to `indices`, so that a gesture may be replayed from its start on each move and a cancel needs
 * nothing undone here. Results lie in [0, gateMax].
 */
import { bandRange, relativePosition } from './bands.ts';
import type { GateSlot } from './field.ts';

export interface BrushStretch {
  readonly slot: GateSlot;
  /** Gates [start, end) of the slot. */
  readonly start: number;
  readonly end: number;
  /** Where the stretch begins in `indices`. */
  readonly at: number;
}

export interface Brush {
  readonly stretches: readonly BrushStretch[];
  /** Flat gate indices, stretch after stretch, each ascending. */
  readonly indices: Uint32Array;
}

/** The gates of `slots` in `band` (null: all of them). */
export function makeBrush(slots: readonly GateSlot[], band: readonly [number, number] | null): Brush {
  let at = 0;
  const stretches = slots.map((slot) => {
    const { start, end } = bandRange(slot.gates, band);
    const stretch = { slot, start, end, at };
    at += end - start;
    return stretch;
  });
  const indices = new Uint32Array(at);
  for (const { slot, start, end, at: first } of stretches) {
    for (let i = start; i < end; i++) indices[first + i - start] = slot.offset + i;
  }
  return { stretches, indices };
}

export function clampGate(value: number, gateMax: number): number {
  // Written so that NaN becomes 0: a gate that is no number must never reach the weights.
  return value > 0 ? Math.min(value, gateMax) : 0;
}

/** The field's values under the brush. */
export function valuesUnder(brush: Brush, values: Float32Array): Float32Array {
  return Float32Array.from(brush.indices, (index) => values[index] ?? 0);
}

export function setGates(brush: Brush, value: number, gateMax: number): Float32Array {
  return new Float32Array(brush.indices.length).fill(clampGate(value, gateMax));
}

export function addToGates(
  brush: Brush,
  values: Float32Array,
  amount: number,
  gateMax: number,
): Float32Array {
  return Float32Array.from(brush.indices, (index) => clampGate((values[index] ?? 0) + amount, gateMax));
}

export function scaleGates(
  brush: Brush,
  values: Float32Array,
  factor: number,
  gateMax: number,
): Float32Array {
  return Float32Array.from(brush.indices, (index) => clampGate((values[index] ?? 0) * factor, gateMax));
}

/**
 * Gaussian smoothing along each spectrum. `widthShare`: standard deviation as a share of the slot's gates (at
 * least half a gate). Reads neighbours outside the brush, so that its edges join on; at the ends of the
 * spectrum the kernel is renormalised.
 */
export function smoothGates(
  brush: Brush,
  values: Float32Array,
  widthShare: number,
  gateMax: number,
): Float32Array {
  const out = new Float32Array(brush.indices.length);
  for (const { slot, start, end, at } of brush.stretches) {
    const deviation = Math.max(0.5, widthShare * slot.gates);
    const reach = Math.ceil(3 * deviation);
    for (let i = start; i < end; i++) {
      let sum = 0;
      let weightSum = 0;
      const last = Math.min(slot.gates - 1, i + reach);
      for (let j = Math.max(0, i - reach); j <= last; j++) {
        const weight = Math.exp(-((j - i) ** 2) / (2 * deviation * deviation));
        sum += weight * (values[slot.offset + j] ?? 0);
        weightSum += weight;
      }
      out[at + i - start] = clampGate(sum / weightSum, gateMax);
    }
  }
  return out;
}

/**
 * Bends each curve towards the ceiling (`amount` > 0) or the floor (< 0) by a share of the room it has there:
 * at weight 1 and amount 1 a gate reaches gateMax, at −1 it reaches 0. Order is kept and nothing clips.
 * `weightAt` in [0, 1], of relative position.
 */
export function bendGates(
  brush: Brush,
  values: Float32Array,
  amount: number,
  weightAt: (u: number) => number,
  gateMax: number,
): Float32Array {
  const out = new Float32Array(brush.indices.length);
  for (const { slot, start, end, at } of brush.stretches) {
    for (let i = start; i < end; i++) {
      const gate = values[slot.offset + i] ?? 0;
      const share = amount * weightAt(relativePosition(i, slot.gates));
      out[at + i - start] = clampGate(gate + share * (share > 0 ? gateMax - gate : gate), gateMax);
    }
  }
  return out;
}

/** The amount by which `bendGates` at weight 1 takes a gate from `from` to `to`. */
export function bendAmount(from: number, to: number, gateMax: number): number {
  const room = to > from ? gateMax - from : from;
  return room > 0 ? Math.max(-1, Math.min(1, (to - from) / room)) : 0;
}
