/**
 * Trains the gate logits: gate = gateMax · sigmoid(g) (FRISM Eq. 7; gateMax is 1 in the paper), Adam on g.
 *
 * A gate above gateMax is brought down to it at the start. A locked gate then holds its value exactly, 0 and
 * gateMax included. A free gate whose value lies outside the sigmoid's open range starts `margin` inside it;
 * it moves only with the first step. An optimiser that goes on from another's state changes no gate at the start.
 */
import type { OptimiserState } from '../../core/runs/run-checkpoint.ts';
import { Adam } from './adam.ts';
import type { LiveGates } from './live-gates.ts';

/** As a share of gateMax: logits stay within ±6.9, from where 0.1 a step leads back. */
const margin = 1e-3;

function gateLogit(value: number, gateMax: number): number {
  const share = Math.min(1 - margin, Math.max(margin, value / gateMax));
  return Math.log(share / (1 - share));
}

export class GateOptimiser {
  readonly #live: LiveGates;
  readonly #gateMax: number;
  readonly #logits: Float64Array;
  readonly #gradient: Float64Array;
  readonly #frozen: Uint8Array;
  readonly #adam: Adam;

  /** @param from the state of an optimiser of just these gates, `live` with its marks of edits included; copied */
  constructor(live: LiveGates, gateMax: number, learningRate: number, from: OptimiserState | null = null) {
    const size = live.values.length;
    this.#live = live;
    this.#gateMax = gateMax;
    this.#gradient = new Float64Array(size);
    this.#frozen = new Uint8Array(size);
    this.#adam = new Adam(size, learningRate, from);
    if (from) {
      this.#logits = from.logits.slice();
      return;
    }
    for (let i = 0; i < size; i++) live.values[i] = Math.min(gateMax, live.values[i] as number);
    this.#logits = Float64Array.from(live.values, (value) => gateLogit(value, gateMax));
    live.touched.fill(0);
  }

  /** A copy. Between `begin` and `apply` it is the state that the step began with. */
  state(): OptimiserState {
    return { logits: this.#logits.slice(), ...this.#adam.state() };
  }

  /** The gates that the coming step computes with. */
  begin(): Float32Array {
    this.#takeEdits();
    return this.#live.values.slice();
  }

  /**
   * Moves the free gates by one Adam step. Gates touched by hand since `begin` stay as the hand left them.
   * @param gradient dL/dgate at the gates of `begin`
   */
  apply(gradient: Float64Array): void {
    const { values, locks, touched } = this.#live;
    for (let i = 0; i < values.length; i++) {
      this.#frozen[i] = (locks[i] as number) | (touched[i] as number);
      const share = 1 / (1 + Math.exp(-(this.#logits[i] as number)));
      this.#gradient[i] = (gradient[i] as number) * this.#gateMax * share * (1 - share);
    }
    this.#adam.step(this.#logits, this.#gradient, this.#frozen);
    for (let i = 0; i < values.length; i++) {
      if (!this.#frozen[i]) values[i] = this.#gateMax / (1 + Math.exp(-(this.#logits[i] as number)));
    }
    this.#takeEdits();
  }

  /** Puts free gates back to `gates`, which were finite. */
  restore(gates: Float32Array): void {
    const { values, locks, touched } = this.#live;
    for (let i = 0; i < values.length; i++) if (!locks[i] && !touched[i]) values[i] = gates[i] as number;
  }

  #takeEdits(): void {
    const { values, touched } = this.#live;
    for (let i = 0; i < values.length; i++) {
      if (!touched[i]) continue;
      this.#logits[i] = gateLogit(values[i] as number, this.#gateMax);
      this.#adam.forget(i);
      touched[i] = 0;
    }
  }
}
