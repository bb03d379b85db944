/** The state of the fake engine: what is open, the gates, the run, and calls that can be cancelled. */
import { StudioError } from '../../core/errors.ts';
import { type GateField } from '../../core/gates/field.ts';
import type { KeptFigures } from '../../core/recipe/kept-figures.ts';
import type { RunCheckpoint } from '../../core/runs/run-checkpoint.ts';
import type { EngineApi, JobId } from '../../protocol/engine.ts';
import type { Progress, RunState } from '../../protocol/events.ts';
import type { Session } from '../../protocol/session.ts';

export interface FakeEngineOptions {
  /** How long a step, a matrix or an item takes. */
  readonly stepMs?: number;
  /** Lets that time pass; a test that decides itself when a step is over gives its own. */
  readonly wait?: (ms: number) => Promise<void>;
  /** Whether opening shows approximate spectra before the exact ones. */
  readonly previews?: boolean;
  /** By what its VLM is known again. */
  readonly vlm?: string;
  /** Calls that fail, by method name, for testing error paths. */
  readonly failing?: Partial<Record<keyof EngineApi, StudioError>>;
}

export interface FakeRun {
  state: RunState;
  readonly checkpoint: () => RunCheckpoint | null;
  /** Steps it may still do before it pauses. */
  allowed: number;
  wake: () => void;
}

export class FakeState {
  readonly stepMs: number;
  readonly vlm: string;
  readonly wait: (ms: number) => Promise<void>;
  readonly #failing: NonNullable<FakeEngineOptions['failing']>;
  session: Session | null = null;
  field: GateField = { values: new Float32Array(0), locks: new Uint8Array(0) };
  revision = 0;
  seq = 0;
  run: FakeRun | null = null;
  /** What was measured of the open models. */
  figures: KeptFigures | null = null;
  readonly jobs = new Map<JobId, { cancelled: boolean; suspended: boolean }>();

  constructor({
    stepMs = 2,
    wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    failing = {},
    vlm = 'the VLM',
  }: FakeEngineOptions) {
    this.stepMs = stepMs;
    this.vlm = vlm;
    this.wait = wait;
    this.#failing = failing;
  }

  /** Throws where the call was ordered to fail. */
  fail(method: keyof EngineApi): void {
    const error = this.#failing[method];
    if (error) throw error;
  }

  opened(): Session {
    if (!this.session) throw new StudioError('bad-request', 'No models are open.');
    return this.session;
  }

  /** A call that can be cancelled: `check` throws once it was. */
  async within<T>(job: JobId, body: (check: () => void) => Promise<T>): Promise<T> {
    const entry = { cancelled: false, suspended: false };
    this.jobs.set(job, entry);
    try {
      return await body(() => {
        if (entry.cancelled) throw new StudioError('cancelled', 'Stopped.');
      });
    } finally {
      this.jobs.delete(job);
    }
  }

  progress(stage: string, done: number, total: number, unit: Progress['unit']): Progress {
    return {
      stage,
      done,
      total,
      unit,
      elapsedMs: done * this.stepMs,
      etaMs: done === 0 ? null : (total - done) * this.stepMs,
    };
  }
}
