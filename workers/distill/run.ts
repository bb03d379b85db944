/**
 * One distillation: prepares, then steps until done, paused or stopped. Between two steps it gives the event
 * loop a turn and the device back, so edits by hand, pause and stop, a question or a measurement land there.
 *
 * The same seed on the same backend gives the same gates bit for bit, as long as no hand interferes. A run that is
 * begun from another one's position goes on as that one would have, to the same bits.
 */
import { trimBuffers } from '../backend/buffers.ts';
import { StudioError, toStudioError } from '../../core/errors.ts';
import type { DistillOptions } from '../../core/objective/options.ts';
import type { Losses } from '../../core/objective/terms.ts';
import { divergenceWindow, type RunPosition } from '../../core/runs/run-checkpoint.ts';
import type { DeviceFactors } from '../merge/factors.ts';
import type { Linears } from '../nn/contract.ts';
import { breathe } from '../nn/breathe.ts';
import { checkCancelled } from './cancel.ts';
import { GateOptimiser } from './gate-optimiser.ts';
import type { LiveGates } from './live-gates.ts';
import { computeObjective, type WeightedTerm } from './objective.ts';
import type { RunEvents } from './run-events.ts';
import { createStudent } from './student.ts';

export interface Prepared {
  readonly terms: readonly WeightedTerm[];
  readonly factors: DeviceFactors;
  readonly vlm: Linears;
}

export interface RunParts {
  readonly options: DistillOptions;
  /** The step after which it pauses first, counted from the run's beginning; none where absent. */
  readonly pauseAfter?: number;
  /** Where an earlier run of the same options stood; this one goes on from there. Checked by the caller. */
  readonly from?: RunPosition | null;
  readonly live: LiveGates;
  readonly events: RunEvents;
  readonly signal: AbortSignal;
  /** Calibrates the teachers; called once, with the device held. */
  readonly prepare: () => Promise<Prepared>;
  /** Runs a body while nobody else uses the device. `owner`: what others who wait are told. */
  readonly exclusive: <T>(body: () => Promise<T>, owner: string) => Promise<T>;
}

/** Steps that the estimate of time left looks back on. */
const etaWindow = 16;
export class DistillRun {
  readonly #parts: RunParts;
  #step = 0;
  #allowed: number;
  #stopping = false;
  #ended = false;
  #wake: () => void = () => undefined;
  #resting: (() => void)[] = [];
  /** Null until a step has succeeded: before that no gate was moved. */
  #lastFinite: Float32Array | null;
  #losses: Losses | null;
  readonly #stepTimesMs: number[] = [];
  #firstDistill: number;
  readonly #recentDistill: number[];
  /** Null until the run has begun to move gates. */
  #optimiser: GateOptimiser | null = null;

  constructor(parts: RunParts) {
    const { from = null, pauseAfter = Infinity } = parts;
    this.#parts = parts;
    this.#step = from?.step ?? 0;
    this.#allowed = Math.max(0, pauseAfter - this.#step);
    this.#lastFinite = from?.lastFinite?.slice() ?? null;
    this.#losses = from?.losses ?? null;
    this.#firstDistill = from?.divergence.first ?? 0;
    this.#recentDistill = [...(from?.divergence.recent ?? [])];
    parts.signal.addEventListener('abort', () => this.#wake());
  }

  /**
   * Where the run stands, as copies: after its last whole step, with the edits by hand since then. While a step is
   * being computed, that step is not in it. Null before a run's first preparation is done.
   */
  position(): RunPosition | null {
    if (!this.#optimiser) return null;
    const { live } = this.#parts;
    return {
      step: this.#step,
      gates: live.field(),
      touched: live.touched.slice(),
      optimiser: this.#optimiser.state(),
      lastFinite: this.#lastFinite?.slice() ?? null,
      losses: this.#losses,
      divergence: { first: this.#firstDistill, recent: [...this.#recentDistill] },
    };
  }

  /** Resolves when paused, or when the run has ended. */
  pause(): Promise<void> {
    return this.#allow(0);
  }

  resume(): void {
    this.#allowed = Infinity;
    this.#wake();
    // A pause that did not come about is not waited for.
    this.#releaseResting();
  }

  /** Does `count` more steps; resolves when paused again, or when the run has ended. */
  step(count: number): Promise<void> {
    return this.#allow(count);
  }

  stop(): void {
    this.#stopping = true;
    this.#wake();
  }

  /**
   * Resolves when finished or stopped; rejects when cancelled or failed, the gates then being the last good
   * ones.
   */
  async run(): Promise<void> {
    const { events, exclusive, prepare, options, live, signal, from } = this.#parts;
    const optimise = (): GateOptimiser =>
      (this.#optimiser ??= new GateOptimiser(live, options.gateMax, options.learningRate, from?.optimiser));
    try {
      if (from) {
        // Before anything is awaited: an edit during the preparation is one of the run's.
        live.restore(from.gates, from.touched);
        optimise();
      }
      events.state('preparing', this.#step);
      const prepared = await exclusive(prepare, 'the preparation of the run');
      for (const { term } of prepared.terms) await term.skip(this.#step, signal);
      // What the teachers computed on other shapes.
      trimBuffers();
      const optimiser = optimise();
      if (this.#mayStep()) events.state('running', this.#step);
      while (this.#step < options.steps && !this.#stopping) {
        checkCancelled(this.#parts.signal);
        if (this.#allowed <= 0) await this.#rest();
        else
          await exclusive(
            () => (this.#mayStep() ? this.#oneStep(prepared, optimiser) : Promise.resolve()),
            'the step of the run',
          );
        await breathe();
      }
      events.state(this.#step < options.steps ? 'stopped' : 'finished', this.#step);
    } catch (thrown) {
      const error = toStudioError(thrown);
      if (error.code === 'cancelled') events.state('stopped', this.#step);
      else
        events.state('failed', this.#step, {
          code: error.code,
          message: error.message,
          retryable: error.retryable,
          details: error.details,
        });
      throw error;
    } finally {
      this.#ended = true;
      trimBuffers();
      this.#releaseResting();
    }
  }

  #mayStep(): boolean {
    return this.#allowed > 0 && !this.#stopping && !this.#parts.signal.aborted;
  }

  #allow(steps: number): Promise<void> {
    if (this.#ended) return Promise.resolve();
    this.#allowed = steps;
    const rested = new Promise<void>((resolve) => this.#resting.push(resolve));
    this.#wake();
    return rested;
  }

  async #rest(): Promise<void> {
    this.#parts.events.state('paused', this.#step);
    this.#releaseResting();
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#stopping || this.#parts.signal.aborted) resolve();
    });
    this.#wake = () => undefined;
    if (this.#mayStep()) this.#parts.events.state('running', this.#step);
  }

  #releaseResting(): void {
    const waiting = this.#resting;
    this.#resting = [];
    waiting.forEach((resolve) => resolve());
  }

  async #oneStep({ terms, factors, vlm }: Prepared, optimiser: GateOptimiser): Promise<void> {
    const { options, live, events } = this.#parts;
    const begunMs = performance.now();
    const gates = optimiser.begin();
    const student = createStudent(vlm, factors, gates, options.lambda);
    const { losses, gradient } = await computeObjective(terms, student).finally(() => student.dispose());
    if (!Number.isFinite(losses.total) || !gradient.every(Number.isFinite)) {
      if (this.#lastFinite) optimiser.restore(this.#lastFinite);
      const value = String(losses.total);
      const message = `The loss or its gradient was not a finite number at step ${this.#step + 1} (${value}). The gates were put back to where it was finite. A smaller λ or learning rate may help.`;
      throw new StudioError('bad-request', message, { details: { value, step: this.#step + 1 } });
    }
    this.#lastFinite = gates;
    optimiser.apply(gradient);
    this.#losses = losses;
    if (this.#step++ === 0) this.#firstDistill = losses.distill;
    this.#recentDistill.push(losses.distill);
    if (this.#recentDistill.length > divergenceWindow) this.#recentDistill.shift();
    this.#allowed--;

    const stepMs = performance.now() - begunMs;
    this.#stepTimesMs.push(stepMs);
    if (this.#stepTimesMs.length > etaWindow) this.#stepTimesMs.shift();
    const recent = this.#stepTimesMs;
    const etaMs = (recent.reduce((sum, ms) => sum + ms, 0) / recent.length) * (options.steps - this.#step);
    const over = this.#recentDistill.length;
    const divergence = {
      first: this.#firstDistill,
      recent: this.#recentDistill.reduce((sum, loss) => sum + loss, 0) / over,
      over,
    };
    events.frame({
      type: 'step',
      step: this.#step,
      steps: options.steps,
      revision: live.revision,
      losses,
      divergence,
      gates: live.values.slice(),
      stepMs,
      etaMs,
    });
  }
}
